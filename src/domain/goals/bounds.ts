import { DomainError } from '../errors.ts';
import { dayMs } from '../market/interval.ts';

/** Within what a goal may adjust risk. The scale multiplies each strategy's own stake. */
export interface RiskBounds {
  readonly floor: number;
  readonly ceiling: number;
  /** The most that one adjustment changes the scale by. */
  readonly step: number;
  /** How many strategies hold something at a time where nothing was adjusted; null: as many as there are. */
  readonly strategies: number | null;
  /** The most that raising makes of `strategies`; half as many again where nothing is said. */
  readonly strategiesCeiling: number;
}

export const defaultBounds: RiskBounds = {
  floor: 0.25,
  ceiling: 1.5,
  step: 0.1,
  strategies: null,
  strategiesCeiling: 20,
};

/** One adjustment in so long at most; a drawdown beyond a goal's limit does not wait. */
export const adjustmentPause = dayMs;
/** From this share of its limit on a drawdown forbids every raise. */
export const raiseLimit = 0.5;

/** What each bound may be; docs/goals.md is printed from this table. */
export const boundRules: Readonly<Record<keyof RiskBounds, { holds: (bounds: RiskBounds) => boolean; asks: string }>> =
  {
    floor: { holds: ({ floor }) => floor >= 0.05 && floor <= 1, asks: 'from 0.05 to 1' },
    ceiling: { holds: ({ ceiling }) => ceiling >= 1 && ceiling <= 3, asks: 'from 1 to 3' },
    step: { holds: ({ step }) => step >= 0.01 && step <= 0.5, asks: 'from 0.01 to 0.5' },
    strategies: {
      holds: ({ strategies }) => strategies === null || (Number.isInteger(strategies) && strategies >= 1),
      asks: 'a whole number of 1 or more, or null',
    },
    strategiesCeiling: {
      holds: ({ strategiesCeiling, strategies }) =>
        Number.isInteger(strategiesCeiling) && strategiesCeiling >= (strategies ?? 1),
      asks: 'a whole number, not below strategies',
    },
  };

/** The defaults with what is given in their place. @throws DomainError `BadGoal` naming what is out of range */
export const boundsOf = (given: Partial<RiskBounds> = {}): RiskBounds => {
  const usual = given.strategies ?? null;
  const strategiesCeiling = usual === null ? defaultBounds.strategiesCeiling : Math.ceil(usual * 1.5);
  const bounds = { ...defaultBounds, strategiesCeiling, ...given };
  for (const [name, { holds, asks }] of Object.entries(boundRules)) {
    if (holds(bounds)) continue;
    throw new DomainError(
      'BadGoal',
      `bounds.${name} is ${String(bounds[name as keyof RiskBounds])}, it has to be ${asks}`,
      {
        next: 'nothing was written; correct it and ask again',
      },
    );
  }
  return bounds;
};
