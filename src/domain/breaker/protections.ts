import { hourMs } from '../market/interval.ts';
import { type ClosedPosition, returnPctOf } from './closed-position.ts';
import type { CoolDownPeriod, DrawdownPause, LowProfitPause, StopLossGuard, StrategyProtections } from './policy.ts';

export type ProtectionName = keyof StrategyProtections;

/** As a trader calls them. */
export const protectionNames = {
  stopLossGuard: 'stop-loss guard',
  maxDrawdown: 'max drawdown',
  lowProfit: 'low-profit pause',
  coolDown: 'cool-down period',
} as const satisfies Record<ProtectionName, string>;

/** Entries of a strategy are held back before `until`, market time, epoch ms. */
export interface EntryHold {
  readonly protection: ProtectionName;
  readonly until: number;
  /** What brought it about, for a person. */
  readonly reason: string;
}

/** Says of a look-back, in execution order, why entries are held back from the end of its last position on; null: they are not. */
type Judge = (window: readonly ClosedPosition[]) => string | null;

interface Rule {
  readonly protection: ProtectionName;
  readonly lookbackMs: number;
  readonly pauseMs: number;
  /** Positions that it looks at; the others are as if they were not. */
  readonly counts: (position: ClosedPosition) => boolean;
  readonly judge: Judge;
}

const always = (): boolean => true;

const pct = (value: number): string => `${value.toFixed(2)} %`;

/** Greatest fall of the running sum of returns from its peak, where it starts counts as one; per cent, zero or more. */
const drawdownOf = (window: readonly ClosedPosition[]): number => {
  let fall = 0;
  let greatest = 0;
  for (const position of window) {
    fall = Math.max(0, fall - returnPctOf(position));
    greatest = Math.max(greatest, fall);
  }
  return greatest;
};

const stopLossRule = ({ lookbackHours, stops, pauseHours }: StopLossGuard): Rule => ({
  protection: 'stopLossGuard',
  lookbackMs: lookbackHours * hourMs,
  pauseMs: pauseHours * hourMs,
  counts: ({ byStop, pnl }) => byStop && pnl.lt('0'),
  judge: ({ length }) =>
    length >= stops ? `${length === 1 ? 'a stop' : `${length} stops`} lost within ${lookbackHours} h` : null,
});

const drawdownRule = ({ lookbackHours, trades, maxDrawdownPct, pauseHours }: DrawdownPause): Rule => ({
  protection: 'maxDrawdown',
  lookbackMs: lookbackHours * hourMs,
  pauseMs: pauseHours * hourMs,
  counts: always,
  judge: (window) => {
    const drawdown = drawdownOf(window);
    return window.length >= trades && drawdown > maxDrawdownPct
      ? `${window.length} closed positions fell ${pct(drawdown)} within ${lookbackHours} h, more than ${pct(maxDrawdownPct)}`
      : null;
  },
});

const lowProfitRule = ({ lookbackHours, trades, requiredPct, pauseHours }: LowProfitPause): Rule => ({
  protection: 'lowProfit',
  lookbackMs: lookbackHours * hourMs,
  pauseMs: pauseHours * hourMs,
  counts: always,
  judge: (window) => {
    const profit = window.reduce((sum, position) => sum + returnPctOf(position), 0);
    return window.length >= trades && profit < requiredPct
      ? `${window.length} closed positions made ${pct(profit)} within ${lookbackHours} h, less than ${pct(requiredPct)}`
      : null;
  },
});

const coolDownRule = ({ pauseHours }: CoolDownPeriod): Rule => ({
  protection: 'coolDown',
  lookbackMs: 0,
  pauseMs: pauseHours * hourMs,
  counts: always,
  judge: () => 'a position was closed',
});

const rulesOf = ({ stopLossGuard, maxDrawdown, lowProfit, coolDown }: StrategyProtections): readonly Rule[] =>
  [
    stopLossGuard && stopLossRule(stopLossGuard),
    maxDrawdown && drawdownRule(maxDrawdown),
    lowProfit && lowProfitRule(lowProfit),
    coolDown && coolDownRule(coolDown),
  ].filter((rule) => rule !== null);

/** How far back closed positions have to be read for `heldBackBy`, in ms of market time; null where no protection is on. */
export const protectionSpanMs = (protections: StrategyProtections): number | null => {
  const spans = rulesOf(protections).map(({ lookbackMs, pauseMs }) => lookbackMs + pauseMs);
  return spans.length > 0 ? Math.max(...spans) : null;
};

/**
 * Until when the entries of a strategy are held back, by the protection that does so longest; null where none does. Each is judged
 * at every end of a position that it counts, over the look-back before it, and holds from there on: so the same positions give the
 * same answer whenever it is asked, and nothing has to be kept. Semantics of freqtrade's StoplossGuard, MaxDrawdown,
 * LowProfitPairs and CooldownPeriod: a stop counts where it lost; returns are per cent of what each position was given and are
 * added up.
 * @param closed of one strategy on one symbol, oldest first
 * @param at market time, epoch ms, at which it would enter: what ends by then holds nothing back any more
 * @param now positions that ended later do not count, market time, epoch ms; a close is handled a little after it
 */
export const heldBackBy = (
  protections: StrategyProtections,
  closed: readonly ClosedPosition[],
  at: number,
  now: number = at,
): EntryHold | null => {
  const known = closed.filter(({ endedAt }) => endedAt <= now);
  let longest: EntryHold | null = null;
  for (const { protection, lookbackMs, pauseMs, counts, judge } of rulesOf(protections)) {
    const counted = known.filter(counts);
    for (let last = counted.length - 1; last >= 0; last -= 1) {
      const { endedAt } = counted[last]!;
      const until = endedAt + pauseMs;
      if (until <= at || (longest && until <= longest.until)) break;
      const window = counted.slice(0, last + 1).filter((each, i) => i === last || each.endedAt > endedAt - lookbackMs);
      const reason = judge(window);
      if (reason === null) continue;
      longest = { protection, until, reason };
      break;
    }
  }
  return longest;
};
