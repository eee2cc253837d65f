import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { sliceColumns } from '../../../src/domain/market/columns.ts';
import { compileStrategy } from '../../../src/domain/strategy/compile.ts';
import { decide } from '../../../src/domain/strategy/decide.ts';
import type { Standing } from '../../../src/domain/strategy/decide.ts';
import type { RiskParams } from '../../../src/domain/strategy/definition.ts';
import { crossStrategies, levels, market, walks } from '../backtest/markets.ts';

const minute = 60_000;
const start = Date.UTC(2024, 0, 1);

const standing = (bar: number, entryPrice: number): Standing => ({
  position: { entryPrice, openedAt: start + bar * minute },
  hasWorkingOrder: false,
  lastLossAt: null,
  mayEnter: true,
  tickSize: 0,
});

const verdictOn = (risk: Partial<RiskParams>, rows: Parameters<typeof market>[0], held = standing(1, 100)) =>
  decide(compileStrategy(levels(1_000, 0, risk)), { columns: market(rows) }, held, minute);

describe('protection', () => {
  const before = [90, 91, 89, 90] as const;
  const quiet = [100, 101, 99, 100] as const;

  test('names the order that would have rested, and the candle that reached it', () => {
    expect(verdictOn({ stop_loss_pct: 5 }, [before, quiet, [99, 99, 94, 96]])).toEqual({
      kind: 'exit',
      reason: 'stop_loss',
      trigger: { type: 'STOP_LOSS', reason: 'stop_loss', level: 95, candleTime: start + 2 * minute },
    });
    expect(verdictOn({ take_profit_pct: 10 }, [before, quiet, [101, 111, 100, 105]])).toMatchObject({
      reason: 'take_profit',
      trigger: { type: 'TAKE_PROFIT', level: expect.closeTo(110, 9) },
    });
  });
  test('is found on a candle on which nobody looked', () => {
    expect(verdictOn({ stop_loss_pct: 5 }, [before, quiet, [99, 99, 94, 96], quiet, quiet])).toMatchObject({
      trigger: { candleTime: start + 2 * minute },
    });
  });
  test('does not look at candles before the entry', () => {
    expect(verdictOn({ stop_loss_pct: 5 }, [before, quiet, quiet])).toBeNull();
  });
  test('trails the best price of the candles before', () => {
    expect(
      verdictOn({ trailing_stop_pct: 10 }, [before, quiet, [100, 120, 99, 119], [119, 119, 107, 118]]),
    ).toMatchObject({
      reason: 'trailing_stop',
      trigger: { type: 'STOP_LOSS', level: 108, candleTime: start + 3 * minute },
    });
  });
  test('leaves the target of a limit that filled inside its candle to the next ones', () => {
    const risk = { order: { type: 'limit' }, take_profit_pct: 5 } as const;
    const rows = [before, [102, 106, 99, 100], quiet] as const;
    expect(verdictOn(risk, rows)).toBeNull();
    expect(verdictOn(risk, [...rows, [101, 106, 100, 105]])).toMatchObject({
      trigger: { candleTime: start + 3 * minute },
    });
  });
  test('waits while an order works', () => {
    const held = { ...standing(1, 100), hasWorkingOrder: true };
    expect(verdictOn({ stop_loss_pct: 5 }, [before, quiet, [99, 99, 90, 96]], held)).toBeNull();
  });
});

test('a strategy judged close by close is stopped and reaches its target on the bars and at the levels of its backtest', () => {
  const single = crossStrategies.filter(({ risk_params: risk }) => {
    return (risk.max_open_positions ?? 1) === 1 && risk.exits === undefined;
  });
  fc.assert(
    fc.property(single, walks(), (definition, columns) => {
      const strategy = compileStrategy(definition);
      const fees = { maker: 0, taker: 0 };
      const { trades } = runBacktest({ definition, columns, capital: 10_000, feeRates: fees, slippageBps: 0 });
      for (const trade of trades) {
        if (trade.reason === 'liquidation') continue;
        const part = sliceColumns(columns, 0, trade.exitBar + (trade.reason === 'exit_signal' ? 0 : 1));
        const held = standing(trade.entryBar, trade.entryPrice);
        const verdict = part.length > trade.entryBar ? decide(strategy, { columns: part }, held, minute) : null;
        if (trade.reason === 'exit_signal') {
          expect(verdict?.trigger).toBeUndefined();
          continue;
        }
        expect(verdict).toMatchObject({ reason: trade.reason, trigger: { candleTime: trade.exitTime } });
        const { level } = verdict!.trigger!;
        const open = columns.open[trade.exitBar]!;
        expect(trade.exitPrice === level || trade.exitPrice === open).toBe(true);
      }
    }),
  );
});
