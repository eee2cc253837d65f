/** What the goals have set for an environment: the next order is sized by it. */
export interface RiskSettings {
  /** Multiplies a strategy's own stake; 1 leaves it as it is. */
  readonly riskScale: number;
  /** Fraction of equity that a raised stake may lose at its stop; null where no goal adjusts. */
  readonly riskTolerance: number | null;
  /** Strategies that may hold or work something at a time; null: no limit. */
  readonly maxStrategies: number | null;
  /** The goal that adjusted last. */
  readonly goalId: number | null;
  /** Epoch ms. */
  readonly adjustedAt: number | null;
}

export const neutralSettings: RiskSettings = {
  riskScale: 1,
  riskTolerance: null,
  maxStrategies: null,
  goalId: null,
  adjustedAt: null,
};
