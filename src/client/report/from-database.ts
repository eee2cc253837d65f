import type { DatabasePool } from 'slonik';
import { readCandleColumns } from '../../adapters/postgres/candle-columns.ts';
import { newestBacktest } from '../../adapters/postgres/stored-backtest.ts';
import type { StoredBacktest } from '../../adapters/postgres/stored-backtest.ts';
import { showStrategy } from '../../adapters/postgres/strategies.ts';
import type { OpenPosition } from '../../domain/backtest/backtest-run.ts';
import { DomainError } from '../../domain/errors.ts';
import { gatePolicies } from '../../domain/lifecycle/gates.ts';
import type { GatePolicyName } from '../../domain/lifecycle/gates.ts';
import type { CandleColumns } from '../../domain/market/candle.ts';
import { intervalMs } from '../../domain/market/interval.ts';
import { compileStrategy } from '../../domain/strategy/compile.ts';
import type { StrategyDefinition } from '../../domain/strategy/definition.ts';
import { formatTime } from './format.ts';
import type { ReportSource } from './report-source.ts';
import { equityOfTrades } from './trade-equity.ts';

/**
 * A strategy's newest stored backtest with the candles that it ran over. Its figures and trades are those that were stored; the
 * curve is made of the trades, so that it needs nothing of the venue that they were fitted to.
 * @param reference the strategy's id, the start of it, or its name
 * @throws DomainError `NotFound` where there is no such strategy or it has no backtest, `BadInput` where several fit,
 * `NotEnoughCandles` where the stored candles are no longer those of the backtest.
 */
export const sourceFromDatabase = async (pool: DatabasePool, reference: string): Promise<ReportSource> => {
  const strategy = await showStrategy(pool, reference);
  const { name } = strategy.definition;
  const stored = await newestBacktest(pool, strategy.strategyId);
  if (stored === null) {
    throw new DomainError('NotFound', `'${name}' has no backtest`, {
      next: `run one: mastertrade strategy backtest ${strategy.strategyId}`,
    });
  }
  const definition = { ...strategy.definition, ...stored.definition };
  const { result, feeRates, slippageBps, volumeShare, openPosition } = stored;
  const columns = await candlesOf(pool, definition, stored);
  const equity = equityOfTrades(columns.close, result.initial_capital, result.trade_log, openPosition);
  return {
    origin: {
      kind: 'stored',
      backtestId: stored.backtestId,
      strategyId: strategy.strategyId,
      version: stored.version,
      ranAt: stored.ranAt,
    },
    definition,
    columns,
    markets: await otherMarkets(pool, definition, columns),
    result,
    equity,
    feeRates,
    slippageBps,
    volumeShare,
    policy: gatePolicies[strategy.policy as GatePolicyName] ?? gatePolicies.production,
    notes: [
      ...versionNote(stored.version, strategy.version),
      ...openNote(openPosition, definition),
      ...differenceNote(equity.at(-1)!, result.final_capital),
    ],
  };
};

/** @throws DomainError `NotEnoughCandles` unless they are as many as the backtest saw, and open when its trades say. */
const candlesOf = async (
  pool: DatabasePool,
  { name, symbol, interval }: StrategyDefinition,
  { result, bars }: StoredBacktest,
): Promise<CandleColumns> => {
  const from = Date.parse(result.start_date);
  const to = Date.parse(result.end_date) - intervalMs[interval];
  const columns = await readCandleColumns(pool, { symbol, interval, from, to });
  const isSame =
    columns.length > 0 &&
    (bars === null || bars === columns.length) &&
    result.trade_log.every(({ entry_bar: bar, entry_time: time }) => columns.time[bar] === Date.parse(time));
  if (isSame) return columns;
  throw new DomainError(
    'NotEnoughCandles',
    `the backtest of '${name}' ran over ${bars ?? 'other'} candles of ${symbol} ${interval} from ${result.start_date} ` +
      `to ${result.end_date}, of which ${columns.length} are stored now`,
    {
      next: 'import them again, or run a new backtest: mastertrade strategy backtest',
      details: { stored: columns.length, bars },
    },
  );
};

/** Candles of the other markets that it looks at, of those that are stored. */
const otherMarkets = async (
  pool: DatabasePool,
  definition: StrategyDefinition,
  { time, length }: CandleColumns,
): Promise<ReportSource['markets']> => {
  const found = await Promise.all(
    compileStrategy(definition).markets.map(async ({ key, symbol, interval, warmup }) => {
      const from = time[0]! - (warmup + 1) * intervalMs[interval];
      return [key, await readCandleColumns(pool, { symbol, interval, from, to: time[length - 1]! })] as const;
    }),
  );
  return Object.fromEntries(found.filter(([, columns]) => columns.length > 0));
};

const versionNote = (shown: number, current: number): readonly string[] =>
  shown === current
    ? []
    : [
        `This is a backtest of version ${shown}; the strategy is at version ${current}, and its gate asks for a backtest of that.`,
      ];

const openNote = (open: OpenPosition | null, { risk_params: risk }: StrategyDefinition): readonly string[] =>
  open === null || (open.realizedPnl === 0 && (risk.max_open_positions ?? 1) === 1)
    ? []
    : [
        `From ${formatTime(open.entryTime)} on, the curve is approximate: what is open at the end is stored as one position.`,
      ];

/** The stored figure is rounded to its column; more than that means that the candles have changed. */
const differenceNote = (curve: number, stored: number): readonly string[] =>
  Math.abs(curve - stored) <= Math.max(1e-6 * Math.abs(stored), 0.01)
    ? []
    : [
        `The curve ends ${Math.abs(curve - stored).toFixed(2)} away from the stored final capital: the candles were changed since.`,
      ];
