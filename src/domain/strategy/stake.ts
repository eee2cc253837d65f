import { DomainError } from '../errors.ts';
import type { RiskParams } from './definition.ts';

/**
 * What a strategy wants to put into an entry, whatever arithmetic turns it into a quantity: a share of its equity, spent with the fee
 * inside; an amount of quote, likewise; or the share of equity that is lost when the stop fills at its level, fees apart.
 */
export type Stake =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'amount'; readonly quote: number }
  | { readonly kind: 'risk'; readonly share: number; readonly stopPct: number };

/**
 * The one reading of `position_size`, for backtests (`sizing.ts`, numbers) and orders (`orders/sizing.ts`, decimals).
 * @param kellyFraction the share of equity that the record of closed trades says, null where there is no record
 * @throws DomainError `BadStrategy` for sizing by `risk_fraction` without a stop, by `kelly` without a record.
 */
export const stakeOf = (
  { position_size: { type, value }, stop_loss_pct: stop }: Pick<RiskParams, 'position_size' | 'stop_loss_pct'>,
  kellyFraction: number | null,
): Stake => {
  switch (type) {
    case 'equity_fraction':
      return { kind: 'share', share: value };
    case 'fixed_quote':
      return { kind: 'amount', quote: value };
    case 'risk_fraction':
      if (stop === null || stop === undefined) throw unsizeable('risk_fraction needs risk_params.stop_loss_pct');
      return { kind: 'risk', share: value, stopPct: stop };
    default:
      if (kellyFraction === null)
        throw unsizeable('kelly needs the record of closed trades, which backtests alone keep');
      return { kind: 'share', share: kellyFraction };
  }
};

const unsizeable = (found: string): DomainError =>
  new DomainError('BadStrategy', `position_size ${found}`, {
    next: 'size by equity_fraction or fixed_quote, or by risk_fraction with a stop',
  });
