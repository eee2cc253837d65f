import type { IncidentView } from '../contracts/breaker.ts';
import type { OrderFinished } from '../contracts/messages.ts';

const firstPauseMs = 2_000;
const longestPauseMs = 5 * 60_000;
/** How long telling what was done waits for what is left. */
const notifyPatienceMs = 60_000;
const hourMs = 3_600_000;

/** What one run of an incident hands to the next. */
export interface CarriedIncident {
  readonly told: readonly string[];
  readonly rounds: number;
  readonly refusals: number;
  readonly closeFrom: number;
  readonly stranded: readonly string[];
  readonly reminders: number;
  readonly remindAt: number | null;
  readonly leftSince: number | null;
}

const pause = (nth: number): number => Math.min(firstPauseMs * 2 ** nth, longestPauseMs);

const isUnfinished = (view: IncidentView): boolean => view.actions.some(({ status }) => status !== 'done');

/** An incident's memory: when it goes on, whom it has told. What was done is the event's row. Times are epoch ms, wall time. */
export class IncidentState {
  news = false;
  view: IncidentView | null = null;
  /** The status as last shown in the search attributes. */
  shown = '';
  /** Strategies that know that it holds them. */
  readonly told: Set<string>;
  /** Orders that have ended by it and whose workflows do not know yet. */
  readonly ended = new Set<string>();
  /** Exits that their workflows could not carry on. */
  readonly stranded: Set<string>;
  /** No exit is tried before: the last one was refused. */
  closeFrom: number;
  reminders: number;
  private remindAt: number | null;
  /** Since when something else than to notify is left; null where nothing is. */
  private leftSince: number | null;
  /** Rounds in a row that left something, and exits in a row that were refused. */
  private rounds: number;
  private refusals: number;

  constructor(carried: CarriedIncident | undefined) {
    this.told = new Set(carried?.told);
    this.stranded = new Set(carried?.stranded);
    this.closeFrom = carried?.closeFrom ?? 0;
    this.reminders = carried?.reminders ?? 0;
    this.remindAt = carried?.remindAt ?? null;
    this.leftSince = carried?.leftSince ?? null;
    this.rounds = carried?.rounds ?? 0;
    this.refusals = carried?.refusals ?? 0;
  }

  finished({ orderId, status }: OrderFinished, now: number): void {
    this.news = true;
    this.rounds = 0;
    if (status === 'pending') this.stranded.add(orderId);
    if (status === 'pending' || status === 'rejected') {
      this.closeFrom = now + pause(this.refusals);
      this.refusals += 1;
    } else {
      this.refusals = 0;
    }
  }

  /** Whether it is time to tell what was done: all else is done, or has taken too long. */
  mayNotify({ actions }: IncidentView, now: number): boolean {
    const isLeft = actions.some(({ action, status }) => action !== 'notify' && status !== 'done');
    this.leftSince = isLeft ? (this.leftSince ?? now) : null;
    return this.leftSince === null || now - this.leftSince >= notifyPatienceMs;
  }

  /** Whether a person has to be told now that it waits, for them or to finish an action. */
  isReminderDue(view: IncidentView, now: number): boolean {
    if (!view.waitsForApproval && !isUnfinished(view)) {
      this.remindAt = null;
      return false;
    }
    this.remindAt ??= now + view.remindHours * hourMs;
    if (now < this.remindAt) return false;
    this.remindAt = now + view.remindHours * hourMs;
    this.reminders += 1;
    return true;
  }

  /** How long it may wait for news after a round. */
  pauseMs(view: IncidentView, now: number): number {
    const left = isUnfinished(view);
    const waits = [hourMs];
    if (left) waits.push(Math.max(pause(this.rounds), this.closeFrom - now));
    if (this.remindAt !== null) waits.push(this.remindAt - now);
    this.rounds = left ? this.rounds + 1 : 0;
    return Math.max(Math.min(...waits), 1);
  }

  carry(): CarriedIncident {
    const { told, stranded, closeFrom, reminders, remindAt, rounds, refusals, leftSince } = this;
    return { told: [...told], stranded: [...stranded], closeFrom, reminders, remindAt, rounds, refusals, leftSince };
  }
}
