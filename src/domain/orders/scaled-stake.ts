import { type Decimal, type Money, dec, divide, min, one, rounding, text, zero } from '../decimal.ts';
import type { RiskSettings } from '../goals/risk-settings.ts';
import type { RiskParams } from '../strategy/definition.ts';
import { stakeOf } from '../strategy/stake.ts';

/** Digits kept of the factor of a raise that the tolerance cuts short. */
const factorScale = 10;

/** The share of equity that a strategy's own stake loses at its stop, fees apart; null where it has no stop. */
const lossAtStop = (risk: RiskParams, equity: Money): Decimal | null => {
  const stop = risk.stop_loss_pct;
  if (stop === null || stop === undefined || equity.lte(zero)) return null;
  const stake = stakeOf(risk, null);
  if (stake.kind === 'risk') return dec(stake.share);
  const share = stake.kind === 'share' ? dec(stake.share) : divide(dec(stake.quote), equity, 18, rounding.up);
  return divide(min(share, one).times(dec(stop)), dec('100'), 18, rounding.up);
};

/** What a stake is multiplied by: a raise ends where the loss at the stop reaches the tolerance, and never lowers. */
const factorOf = (risk: RiskParams, { riskScale, riskTolerance }: RiskSettings, equity: Money): Decimal => {
  const scale = dec(riskScale);
  if (scale.lte(one) || riskTolerance === null) return scale;
  const own = lossAtStop(risk, equity);
  if (own === null || own.lte(zero)) return scale;
  const tolerance = dec(riskTolerance);
  return own.gte(tolerance) ? one : min(scale, divide(tolerance, own, factorScale, rounding.down));
};

/**
 * A strategy's risk parameters with its stake as the goals have scaled it. Where its loss at the stop is known, a raise never lifts
 * the share of equity that is lost there above the tolerance; a strategy whose own risk is above it already is not raised.
 * @param equity What its stake is a share of: the quote that is free.
 * @returns The parameters themselves where nothing is scaled, so that a size is exactly the backtest's; and the factor, decimal text.
 */
export const scaledStake = (
  risk: RiskParams,
  settings: RiskSettings,
  equity: Money,
): { readonly risk: RiskParams; readonly factor: string } => {
  const factor = factorOf(risk, settings, equity);
  if (factor.eq(one)) return { risk, factor: '1' };
  const { type, value } = risk.position_size;
  const scaled = Number(text(dec(value).times(factor)));
  return { risk: { ...risk, position_size: { type, value: scaled } }, factor: text(factor) };
};
