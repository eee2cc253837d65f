import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExitReason } from '../../../src/domain/backtest/backtest-run.ts';
import type { MarketFilters } from '../../../src/domain/market/market-filters.ts';
import { crossStrategies, walks } from '../backtest/markets.ts';
import { expectParity, rowsOf } from './parity.ts';

const filters: MarketFilters = {
  tickSize: '0.01',
  stepSize: '0.001',
  minQuantity: '0.001',
  maxQuantity: '0',
  minNotional: '5',
};

/** Markets that take anything, and ones whose minimum, maximum or coarse step meets what is traded. */
const markets: readonly MarketFilters[] = [
  filters,
  { ...filters, stepSize: '0.1', minNotional: '800' },
  { ...filters, tickSize: '0.05', stepSize: '1', minQuantity: '2', maxQuantity: '40' },
];

/** Parts that leave a rest smaller than they are, which some markets do not take. */
const unevenParts = {
  exits: [
    { pct: 0.1, fraction: 0.3 },
    { pct: 0.2, fraction: 0.6 },
  ],
};

const strategies = fc.tuple(crossStrategies, fc.nat(3)).map(([definition, chance]) => ({
  ...definition,
  risk_params: { ...definition.risk_params, ...(chance === 0 ? unevenParts : {}) },
}));

const setting = { capital: 10_000, feeRates: { maker: 0.0002, taker: 0.001 }, slippageBps: 3 };

test('random strategies over random walks trade on paper as in a backtest, with and without a volume limit', () => {
  const compared = { trades: 0, parts: 0, reasons: new Map<ExitReason, number>() };
  fc.assert(
    fc.property(
      strategies,
      walks(200, 20, 0),
      fc.constantFrom(null, 0.5, 2 / 3),
      fc.constantFrom(...markets),
      (definition, columns, volumeShare, filters) => {
        const { trades } = expectParity({ ...setting, definition, candles: rowsOf(columns), volumeShare, filters });
        compared.trades += trades.length;
        for (const { exits } of trades) {
          compared.parts += exits.length - 1;
          for (const { reason } of exits) compared.reasons.set(reason, (compared.reasons.get(reason) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(compared.trades).toBeGreaterThan(200);
  expect(compared.parts).toBeGreaterThan(50);
  for (const reason of ['exit_signal', 'stop_loss', 'trailing_stop', 'take_profit'] as const) {
    expect([reason, (compared.reasons.get(reason) ?? 0) > 20]).toEqual([reason, true]);
  }
});
