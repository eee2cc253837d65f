import { type ClosedPosition, returnPctOf } from './closed-position.ts';
import type { StrategyProtections } from './policy.ts';

export type ProtectionName = keyof StrategyProtections;

/** As a trader calls them. */
export const protectionNames = {
  stopLossGuard: 'stop-loss guard',
  maxDrawdown: 'max drawdown',
  lowProfit: 'low-profit pause',
  coolDown: 'cool-down period',
} as const satisfies Record<ProtectionName, string>;

/** Entries of a strategy are held back before `until`, market time, epoch ms. */
export interface Hold {
  readonly protection: ProtectionName;
  readonly until: number;
  /** What brought it about, for a person. */
  readonly reason: string;
}

const hourMs = 3_600_000;

/** Says of a look-back, which ends with a position's end and is in execution order, why entries are held back from there on; null: they are not. */
type Judge = (window: readonly ClosedPosition[]) => string | null;

interface Rule {
  readonly lookbackMs: number;
  readonly pauseMs: number;
  readonly judge: Judge;
}

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

const rulesOf = ({ stopLossGuard, maxDrawdown, lowProfit, coolDown }: StrategyProtections) => {
  const rules: Partial<Record<ProtectionName, Rule>> = {};
  const rule = (lookbackHours: number, pauseHours: number, judge: Judge): Rule => ({
    lookbackMs: lookbackHours * hourMs,
    pauseMs: pauseHours * hourMs,
    judge,
  });
  if (stopLossGuard) {
    const { lookbackHours, stops, pauseHours } = stopLossGuard;
    rules.stopLossGuard = rule(lookbackHours, pauseHours, (window) => {
      const { length } = window.filter(({ byStop, pnl }) => byStop && pnl.lt('0'));
      return length >= stops ? `${length} stopped with a loss within ${lookbackHours} h` : null;
    });
  }
  if (maxDrawdown) {
    const { lookbackHours, trades, maxDrawdownPct, pauseHours } = maxDrawdown;
    rules.maxDrawdown = rule(lookbackHours, pauseHours, (window) => {
      if (window.length < trades) return null;
      const drawdown = drawdownOf(window);
      return drawdown > maxDrawdownPct
        ? `${window.length} closed positions fell ${pct(drawdown)} within ${lookbackHours} h, more than ${pct(maxDrawdownPct)}`
        : null;
    });
  }
  if (lowProfit) {
    const { lookbackHours, trades, requiredPct, pauseHours } = lowProfit;
    rules.lowProfit = rule(lookbackHours, pauseHours, (window) => {
      if (window.length < trades) return null;
      const profit = window.reduce((sum, position) => sum + returnPctOf(position), 0);
      return profit < requiredPct
        ? `${window.length} closed positions made ${pct(profit)} within ${lookbackHours} h, less than ${pct(requiredPct)}`
        : null;
    });
  }
  if (coolDown) rules.coolDown = rule(0, coolDown.pauseHours, () => 'a position was closed');
  return Object.entries(rules) as [ProtectionName, Rule][];
};

/** How far back closed positions have to be read for `heldBackBy`, in ms of market time; null where no protection is on. */
export const protectionSpanMs = (protections: StrategyProtections): number | null => {
  const spans = rulesOf(protections).map(([, { lookbackMs, pauseMs }]) => lookbackMs + pauseMs);
  return spans.length > 0 ? Math.max(...spans) : null;
};

/**
 * Until when the entries of a strategy are held back, by the protection that does so longest; null where none does. Each is judged
 * at every end of a position, over the look-back before it, and holds from there on: so the same positions give the same
 * answer whenever it is asked, and nothing has to be kept. Semantics of freqtrade's StoplossGuard, MaxDrawdown,
 * LowProfitPairs and CooldownPeriod: a stop counts where it lost; returns are per cent of what each position was given and are
 * added up.
 * @param closed of one strategy on one symbol, oldest first; later ones than `at` do not count
 * @param at market time, epoch ms
 */
export const heldBackBy = (
  protections: StrategyProtections,
  closed: readonly ClosedPosition[],
  at: number,
): Hold | null => {
  const known = closed.filter(({ endedAt }) => endedAt <= at);
  let longest: Hold | null = null;
  for (const [protection, { lookbackMs, pauseMs, judge }] of rulesOf(protections)) {
    for (let last = known.length - 1; last >= 0; last -= 1) {
      const { endedAt } = known[last]!;
      const until = endedAt + pauseMs;
      if (until <= at || (longest && until <= longest.until)) break;
      const window = known.filter((each, i) => i === last || (i < last && each.endedAt > endedAt - lookbackMs));
      const reason = judge(window);
      if (reason === null) continue;
      longest = { protection, until, reason };
      break;
    }
  }
  return longest;
};
