/** What may fire by itself, the seed's three, and a person. */
export const automaticTriggers = ['drawdown', 'loss_streak', 'volatility_spike'] as const;
export type AutomaticTrigger = (typeof automaticTriggers)[number];
export const breakerTriggers = [...automaticTriggers, 'manual'] as const;
export type BreakerTrigger = (typeof breakerTriggers)[number];

/** ACTIVE: everything; REDUCING: no entries; HALTED: only what an incident itself closes, and protection. */
export const tradingStates = ['ACTIVE', 'REDUCING', 'HALTED'] as const;
export type TradingState = (typeof tradingStates)[number];
export type StoppedState = Exclude<TradingState, 'ACTIVE'>;

/** In the order in which an incident carries them out. */
export const breakerActions = ['pause_trading', 'cancel_orders', 'close_positions', 'notify'] as const;
export type BreakerAction = (typeof breakerActions)[number];

/** What an incident that gets worse becomes. */
export interface Escalation {
  /** In the trigger's unit, beyond its own threshold. */
  readonly threshold: number;
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
}

export interface Response {
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
  /** Waits for an admin after the cool-down. */
  readonly requiresApproval: boolean;
}

export interface TriggerPolicy extends Response {
  readonly threshold: number;
  readonly escalation: Escalation | null;
}

export interface CoolingTrigger extends TriggerPolicy {
  /** Market time. */
  readonly coolDownHours: number;
}

export interface VolatilityTrigger extends TriggerPolicy {
  /** It is over once the value is below this share (fraction) of the threshold. */
  readonly clearShare: number;
  /** What counts as now, and the history it is compared with. Market time. */
  readonly windowMinutes: number;
  readonly historyDays: number;
}

/** Entries of one strategy are held back after too many stops. Hours are market time. */
export interface StopLossGuard {
  readonly lookbackHours: number;
  /** Positions closed by a stop within the look-back. */
  readonly stops: number;
  readonly pauseHours: number;
}
export interface DrawdownPause {
  readonly lookbackHours: number;
  /** Closed positions within the look-back before it judges. */
  readonly trades: number;
  /** Per cent, over the closed positions of the look-back. */
  readonly maxDrawdownPct: number;
  readonly pauseHours: number;
}
export interface LowProfitPause {
  readonly lookbackHours: number;
  readonly trades: number;
  /** Per cent of what was put in, over the closed positions of the look-back: less than this holds it back. */
  readonly requiredPct: number;
  readonly pauseHours: number;
}
export interface CoolDownPeriod {
  /** After every closed position. */
  readonly pauseHours: number;
}

/** Holds back entries of single strategies, as freqtrade's protections do. Null: off. */
export interface StrategyProtections {
  readonly stopLossGuard: StopLossGuard | null;
  readonly maxDrawdown: DrawdownPause | null;
  readonly lowProfit: LowProfitPause | null;
  readonly coolDown: CoolDownPeriod | null;
}

/** All that a breaker of one environment goes by. Null: the trigger does not fire. */
export interface BreakerPolicy {
  /** `threshold`: per cent below the peak of the equity index. */
  readonly drawdown: CoolingTrigger | null;
  /** `threshold`: closed positions in a row that lost. */
  readonly lossStreak: CoolingTrigger | null;
  /** `threshold`: realised volatility as a multiple of its own history. */
  readonly volatilitySpike: VolatilityTrigger | null;
  readonly manual: Response;
  /** Wall time after which an incident that waits for a person, or cannot finish an action, is told again. */
  readonly remindHours: number;
  readonly protections: StrategyProtections;
}

const noProtections: StrategyProtections = { stopLossGuard: null, maxDrawdown: null, lowProfit: null, coolDown: null };

const policyFor = ({ requiresApproval }: { readonly requiresApproval: boolean }): BreakerPolicy => ({
  drawdown: {
    threshold: 20,
    state: 'HALTED',
    actions: ['pause_trading', 'cancel_orders', 'close_positions', 'notify'],
    coolDownHours: 24,
    requiresApproval,
    escalation: null,
  },
  lossStreak: {
    threshold: 6,
    state: 'REDUCING',
    actions: ['pause_trading', 'notify'],
    coolDownHours: 12,
    requiresApproval: false,
    escalation: {
      threshold: 10,
      state: 'HALTED',
      actions: ['pause_trading', 'cancel_orders', 'close_positions', 'notify'],
    },
  },
  volatilitySpike: {
    threshold: 4,
    state: 'REDUCING',
    actions: ['pause_trading', 'notify'],
    clearShare: 0.75,
    windowMinutes: 60,
    historyDays: 7,
    requiresApproval: false,
    escalation: { threshold: 8, state: 'REDUCING', actions: ['pause_trading', 'cancel_orders', 'notify'] },
  },
  manual: { state: 'HALTED', actions: ['pause_trading', 'cancel_orders', 'notify'], requiresApproval: false },
  remindHours: 4,
  protections: noProtections,
});

/** What holds where nobody has said otherwise. Live money asks a person before it trades again after a drawdown. */
export const defaultPolicies = {
  paper: policyFor({ requiresApproval: false }),
  live: policyFor({ requiresApproval: true }),
} as const satisfies Record<'paper' | 'live', BreakerPolicy>;

/** The policy of a trigger by the name that its events carry; null where it is switched off. */
export const triggerPolicy = (
  policy: BreakerPolicy,
  trigger: AutomaticTrigger,
): CoolingTrigger | VolatilityTrigger | null =>
  ({ drawdown: policy.drawdown, loss_streak: policy.lossStreak, volatility_spike: policy.volatilitySpike })[trigger];
