import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCandleColumns } from '../../../src/adapters/files/candle-csv.ts';
import type { TradeRecord } from '../../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { type Money, dec } from '../../../src/domain/decimal.ts';
import { entrySide } from '../../../src/domain/fills/fill-model.ts';
import { commissionOf } from '../../../src/domain/fills/paper-bar.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { Candle, CandleColumns } from '../../../src/domain/market/candle.ts';
import { stakeInQuote } from '../../../src/domain/orders/sizing.ts';
import type { Comparison, RiskParams, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';

/** Real candles stand beside the checkout, where they may be absent. */
const file = fileURLToPath(new URL('../../../../shared/data/BTCPERP-1m.csv', import.meta.url));
const filters = { tickSize: '0.5', stepSize: '0.0001', minQuantity: '0.0001', maxQuantity: '0', minNotional: '5' };
const rate = '0.00055';
const slippageBps = 2;
const capital = 10_000;

const cross = (op: Comparison['op']): Comparison => ({
  left: { indicator: 'SMA', period: 7 },
  op,
  right: { indicator: 'SMA', period: 21 },
});
const strategy = (risk: RiskParams): StrategyDefinition => ({
  name: 'crossing averages',
  strategy_type: 'momentum',
  symbol: 'BTCUSDT',
  interval: '1m',
  parameters: {},
  entry_conditions: cross(risk.side === 'LONG' ? 'crosses_above' : 'crosses_below'),
  exit_conditions: cross(risk.side === 'LONG' ? 'crosses_below' : 'crosses_above'),
  risk_params: risk,
});

const candleAt = (columns: CandleColumns, bar: number): Candle => ({
  time: columns.time[bar]!,
  open: String(columns.open[bar]),
  high: String(columns.high[bar]),
  low: String(columns.low[bar]),
  close: String(columns.close[bar]),
  volume: String(columns.volume[bar]),
});

/** What a paper account with `free` puts into the entry of a trade, on the candle that filled it in the backtest. */
const enteredOnPaper = (risk: RiskParams, free: Money, trade: TradeRecord, columns: CandleColumns) => {
  const candle = candleAt(columns, trade.entryBar);
  const { fills } = paperOutcome(
    {
      clientOrderId: 'a',
      side: entrySide(risk.side),
      type: risk.order?.type === 'limit' ? 'LIMIT' : 'MARKET',
      quantity: '1',
      price: risk.order?.type === 'limit' ? String(trade.entryPrice) : null,
      budget: null,
      stake: stakeInQuote({ riskParams: risk, freeQuote: free, takerFee: dec(rate) }).toFixed(),
      stepSize: filters.stepSize,
      minimum: { quantity: filters.minQuantity, notional: filters.minNotional },
      from: candle.time,
      cancelledAt: null,
    },
    [candle],
    { maker: rate, taker: rate, slippageBps, quote: 'USDT' },
  );
  return fills[0] ?? null;
};

/** What is free when the trade is over, each fee as paper charges it. */
const freeAfter = (free: Money, { side, quantity, entryPrice, exitPrice }: TradeRecord): Money => {
  const [amount, entry, exit] = [dec(quantity), dec(entryPrice.toFixed(8)), dec(exitPrice.toFixed(8))];
  const gain = (side === 'LONG' ? exit.minus(entry) : entry.minus(exit)).times(amount);
  const fee = (price: Money): Money => commissionOf({ price, quantity: amount, rate });
  return free.plus(gain).minus(fee(entry)).minus(fee(exit));
};

const cases: readonly (readonly [string, RiskParams])[] = [
  ['half of equity', { side: 'LONG', position_size: { type: 'equity_fraction', value: 0.5 } }],
  ['all of equity, short', { side: 'SHORT', position_size: { type: 'equity_fraction', value: 1 } }],
  ['a fixed amount', { side: 'LONG', position_size: { type: 'fixed_quote', value: 1_500 } }],
  [
    'a share at risk, with a stop',
    { side: 'LONG', position_size: { type: 'risk_fraction', value: 0.002 }, stop_loss_pct: 0.4 },
  ],
  [
    'a share at risk, by limit orders, short',
    {
      side: 'SHORT',
      position_size: { type: 'risk_fraction', value: 0.001 },
      stop_loss_pct: 0.5,
      order: { type: 'limit', offset_bps: 3, expire_bars: 4 },
    },
  ],
];

describe.skipIf(!existsSync(file))(
  'over a month of real minutes, paper enters with the quantities of a backtest',
  () => {
    it.each(cases)('staking %s', async (_name, risk) => {
      const { columns } = await readCandleColumns(file);
      const feeRates = { maker: Number(rate), taker: Number(rate) };
      const { trades } = runBacktest({ definition: strategy(risk), columns, capital, feeRates, slippageBps, filters });
      expect(trades.length).toBeGreaterThan(500);
      let free = dec(capital);
      const differing: unknown[] = [];
      for (const trade of trades) {
        const fill = enteredOnPaper(risk, free, trade, columns);
        if (Number(fill?.quantity) !== trade.quantity) differing.push({ trade, fill, free: free.toFixed() });
        free = freeAfter(free, trade);
      }
      expect(differing).toEqual([]);
    });
  },
);
