import type { MarketFile } from '../compute/market-files.ts';
import { DomainError } from '../domain/errors.ts';
import { isInterval, intervals } from '../domain/market/interval.ts';

/**
 * Reads one `--market SYMBOL:INTERVAL=CSV` and adds it to those before. The interval stands behind the last colon before the first
 * equals sign, so that a symbol may carry its venue (`kraken:BTCUSDT:1h=candles.csv`) and a path both signs.
 * @throws DomainError `BadInput`
 */
export const marketArgument = (value: string, earlier: readonly MarketFile[] = []): readonly MarketFile[] => {
  const equals = value.indexOf('=');
  const colon = value.lastIndexOf(':', equals);
  const [symbol, interval, candlesPath] = [
    value.slice(0, Math.max(colon, 0)),
    value.slice(colon + 1, Math.max(equals, 0)),
    value.slice(equals + 1),
  ];
  if (equals < 0 || colon < 0 || symbol === '' || candlesPath === '') {
    throw new DomainError('BadInput', `--market is '${value}', which is not SYMBOL:INTERVAL=CSV`, {
      next: 'give it as in --market BTCUSDT:1h=hours.csv',
    });
  }
  if (!isInterval(interval)) {
    throw new DomainError('BadInput', `--market ${value} names the unknown interval '${interval}'`, {
      next: `use one of ${intervals.join(', ')}`,
    });
  }
  return [...earlier, { symbol, interval, candlesPath }];
};
