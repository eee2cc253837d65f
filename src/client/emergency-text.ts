import type { OrderOutcome, PositionOutcome } from './desk-outcome.ts';
import type { StoppedEnvironment } from './emergency.ts';
import { actionsText } from './breaker-text.ts';
import { table } from './output.ts';

const orderColumns = {
  order: 'orderId',
  strategy: 'strategy',
  market: 'symbol',
  side: 'side',
  type: 'type',
  status: 'status',
  quantity: 'quantity',
  filled: 'filledQuantity',
  note: 'note',
};
const positionColumns = {
  strategy: 'strategy',
  market: 'symbol',
  side: 'side',
  outcome: 'outcome',
  price: 'price',
  'still held': 'held',
  order: 'orderId',
  why: 'note',
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const headline = (stopped: StoppedEnvironment): string => {
  const { environment, before, state, since, eventId, reason, repeated, added } = stopped;
  if (!repeated) return `${environment} is ${state} since ${since} (before: ${before}). Event ${eventId}: ${reason}.`;
  const more = added.length > 0 ? `it has to do now: ${added.join(', ')}` : 'asking again adds nothing';
  return `${environment} is ${state} since ${since}, as it was. Event ${eventId} is open already; ${more}.`;
};

const isOpen = ({ outcome }: PositionOutcome): boolean => outcome !== 'closed';

const atWorkText = (orders: readonly OrderOutcome[]): string => {
  const left = orders.filter(({ atWork }) => atWork);
  const protecting = left.filter(({ kind }) => kind === 'protection').length;
  return `${counted(left.length, 'order')} still at work${protecting > 0 ? ` (${protecting} of them to protect positions)` : ''}`;
};

const listed = (
  title: string,
  rows: readonly (OrderOutcome | PositionOutcome)[],
  columns: Readonly<Record<string, string>>,
): string =>
  `${title}:\n${table(
    rows.map((row) => ({ ...row })),
    columns,
  )}`;

/** What a stop has done in one environment, and what it has not. @param each whether every order and position is listed */
export const stoppedText = (stopped: StoppedEnvironment, { each }: { readonly each: boolean }): string => {
  const { orders, positions, actions, left } = stopped;
  const open = counted(positions.filter(isOpen).length, 'position');
  return [
    headline(stopped),
    actionsText(actions),
    ...(each ? [listed('Positions', positions, positionColumns), listed('Orders', orders, orderColumns)] : []),
    `${atWorkText(orders)}, ${open} open.`,
    ...(left.length === 0 ? ['All of it is done.'] : ['Not done yet:', ...left.map((line) => `  ${line}`)]),
  ].join('\n');
};
