import { readCandleColumns } from '../adapters/files/candle-csv.ts';
import { DomainError } from '../domain/errors.ts';
import { marketKey } from '../domain/market/informative.ts';
import type { InformativeMarkets, MarketName } from '../domain/market/informative.ts';
import { compileStrategy } from '../domain/strategy/compile.ts';
import type { StrategyDefinition } from '../domain/strategy/definition.ts';

/** Where the candles of another market lie. */
export interface MarketFile extends MarketName {
  readonly candlesPath: string;
}

/**
 * Reads the candles of the other markets that a strategy looks at.
 * @throws DomainError `NotEnoughCandles` naming the markets that no file is given for, `BadInput` for a file of a market that it does
 * not look at or that is given twice, `BadCandleFile` also where a file's interval is not the market's.
 */
export const readMarketFiles = async (
  definition: StrategyDefinition,
  files: readonly MarketFile[],
): Promise<InformativeMarkets> => {
  const wanted = compileStrategy(definition).markets.map(marketKey);
  const given = files.map(marketKey);
  refuseNeedless(definition, wanted, given);
  const missing = wanted.filter((key) => !given.includes(key));
  if (missing.length > 0) throw missingMarkets(definition, missing);
  const read = files.map(async (file) => [marketKey(file), await columnsOf(file)] as const);
  return Object.fromEntries(await Promise.all(read));
};

const columnsOf = async (file: MarketFile) => {
  const { columns, interval } = await readCandleColumns(file.candlesPath);
  if (interval === file.interval) return columns;
  throw new DomainError(
    'BadCandleFile',
    `${file.candlesPath} holds ${interval} candles, --market ${marketKey(file)} names it as ${file.interval}`,
    { next: `give ${file.interval} candles`, details: { interval } },
  );
};

const refuseNeedless = ({ name }: StrategyDefinition, wanted: readonly string[], given: readonly string[]): void => {
  const needless = given.find((key, index) => !wanted.includes(key) || given.indexOf(key) < index);
  if (needless === undefined) return;
  const message = wanted.includes(needless)
    ? `candles of ${needless} are given twice`
    : `'${name}' does not look at ${needless}`;
  throw new DomainError('BadInput', message, {
    next: wanted.length === 0 ? 'leave --market out' : `give --market once for each of ${wanted.join(', ')}`,
    details: { markets: wanted },
  });
};

const missingMarkets = ({ name }: StrategyDefinition, missing: readonly string[]): DomainError =>
  new DomainError('NotEnoughCandles', `'${name}' looks at ${missing.join(', ')}, and no candles of it are given`, {
    next: `add ${missing.map((key) => `--market ${key}=CSV`).join(' ')}`,
    details: { markets: missing },
  });
