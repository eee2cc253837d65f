import { KellyRecord } from '../../../src/domain/backtest/kelly.ts';
import type { BacktestInput, ExitReason } from '../../../src/domain/backtest/backtest-run.ts';
import { type Decimal, dec, floorToStep, sum, text, zero } from '../../../src/domain/decimal.ts';
import { entrySide, exitSide } from '../../../src/domain/fills/fill-model.ts';
import { bracketOutcome } from '../../../src/domain/fills/paper-bracket.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { PaperOrder } from '../../../src/domain/fills/paper-order.ts';
import { onTick } from '../../../src/domain/fills/protection.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../../src/domain/market/columns.ts';
import type { MarketFilters } from '../../../src/domain/market/market-filters.ts';
import type { Fill } from '../../../src/domain/orders/order.ts';
import { compileStrategy } from '../../../src/domain/strategy/compile.ts';
import { signal } from '../../../src/domain/strategy/conditions.ts';
import { entryQuantity } from '../../../src/domain/strategy/sizing.ts';

/** What a desk trades over: the input of a backtest with its candles as rows of decimal text. */
export interface DeskInput extends Omit<BacktestInput, 'columns' | 'filters' | 'firstBar'> {
  readonly candles: readonly Candle[];
  readonly filters: MarketFilters;
}

export interface DeskFill {
  /** Open time of the candle, epoch ms. */
  readonly time: number;
  /** Decimal text. */
  readonly price: string;
  readonly quantity: string;
}
export interface DeskExit extends DeskFill {
  readonly reason: ExitReason;
  readonly commission: string;
}
/** A position from its entry to its last exit. */
export interface DeskTrade {
  readonly entry: DeskFill & Pick<DeskExit, 'commission'>;
  readonly exits: readonly DeskExit[];
}

interface PlannedExit extends DeskExit {
  readonly bar: number;
  /** At the open, before what rests is looked at. */
  readonly isAtOpen: boolean;
  /** Exact, without the rounding of a commission. */
  readonly gain: Decimal;
}

/** A position with all that its orders will do: they follow from the candles alone. */
interface Holding {
  readonly entry: DeskTrade['entry'];
  readonly plan: readonly PlannedExit[];
  done: number;
  held: Decimal;
  realized: Decimal;
}

const asFill = ({ executedAt: time, price, quantity, commission }: Fill) => ({ time, price, quantity, commission });

/**
 * Trades a strategy by orders on paper alone, as a desk would: an entry order after the close that signals it, a bracket of stop and targets
 * from the entry on, a market order at an exit signal. It shares with the backtest the strategy's signals, the size that is wanted at the
 * fill's price, and the fill model; what happens to an order it asks `paperOutcome` and `bracketOutcome`. Nothing is taken from a run.
 */
export const tradeOnPaper = (input: DeskInput): { closed: readonly DeskTrade[]; held: Decimal } => {
  const { definition, candles, filters, feeRates, slippageBps, volumeShare } = input;
  const { risk_params: risk } = definition;
  const columns = candlesToColumns(candles);
  const signals = compileStrategy(definition).signals({ columns, markets: input.markets }, undefined);
  const barAt = new Map(candles.map(({ time }, bar) => [time, bar]));
  const long = risk.side === 'LONG';
  const side = entrySide(risk.side);
  const limitOrder = risk.order?.type === 'limit' ? risk.order : null;
  const costs = {
    maker: String(feeRates.maker),
    taker: String(feeRates.taker),
    slippageBps,
    quote: 'USDT',
    volumeShare: volumeShare ?? null,
  };
  const kelly = new KellyRecord();
  const closed: DeskTrade[] = [];
  const holdings: Holding[] = [];
  let balance = dec(input.capital);
  let firstEntryBar = 0;
  let orders = 0;
  let working: (Omit<PaperOrder, 'quantity'> & { readonly placed: number }) | null = null;

  const nextExit = new Int32Array(candles.length + 1).fill(candles.length);
  for (let bar = candles.length - 1; bar >= 0; bar -= 1) {
    nextExit[bar] = (signals[bar]! & signal.exit) === 0 ? nextExit[bar + 1]! : bar;
  }

  const sizeAt = (price: Decimal, rate: number): Decimal => {
    const fraction = kelly.fraction(risk.position_size);
    if (fraction === 0) return zero;
    const moved = sum(holdings.map(({ held, entry }) => held.times(price.minus(entry.price))));
    const committed = sum(holdings.map(({ held, entry }) => held.times(entry.price)));
    const wanted = entryQuantity({
      risk,
      equity: Number(text(long ? balance.plus(moved) : balance.minus(moved))),
      cash: Number(text(balance.minus(committed))),
      price: Number(text(price)),
      feeRate: rate,
      kellyFraction: fraction,
    });
    const noise = 5e-10 * Number(filters.stepSize);
    const most = dec(filters.maxQuantity);
    const fitted = floorToStep(dec((wanted + noise).toFixed(15)), dec(filters.stepSize));
    return most.gt(zero) && fitted.gt(most) ? most : fitted;
  };

  /** Everything that the orders which close a position will do, up to the end of the candles. */
  const planOf = (id: string, entry: Fill, enteredBy: 'MARKET' | 'LIMIT'): readonly PlannedExit[] => {
    const bar = barAt.get(entry.executedAt)!;
    const leaveAt = nextExit[bar]!;
    const bracket = {
      clientOrderId: `${id}-bracket`,
      position: { entryPrice: entry.price, quantity: entry.quantity, openedAt: entry.executedAt, enteredBy },
      risk,
      filters,
      cancelledAt: null,
    };
    const atSignal = bracketOutcome(bracket, candles.slice(bar, leaveAt + 1), costs);
    const { fills, stoppedAt } =
      atSignal.stoppedAt === null ? atSignal : bracketOutcome(bracket, candles.slice(bar), costs);
    const sold = sum(fills.map(({ quantity }) => dec(quantity)));
    const isLeaving = atSignal.status !== 'filled' && stoppedAt === null && leaveAt + 1 < candles.length;
    const exit = isLeaving
      ? paperOutcome(
          {
            clientOrderId: `${id}-exit`,
            side: exitSide(risk.side),
            type: 'MARKET',
            quantity: text(dec(entry.quantity).minus(sold)),
            price: null,
            budget: null,
            stepSize: filters.stepSize,
            reduceOnly: true,
            from: candles[leaveAt + 1]!.time,
            cancelledAt: null,
          },
          candles.slice(leaveAt + 1),
          costs,
        ).fills
      : [];
    const planned = (fill: Fill, reason: ExitReason, isAtOpen: boolean): PlannedExit => {
      const rate = reason === 'take_profit' ? costs.maker : costs.taker;
      const move = long ? dec(fill.price).minus(entry.price) : dec(entry.price).minus(fill.price);
      const gain = dec(fill.quantity).times(move.minus(dec(fill.price).times(rate)));
      return { ...asFill(fill), reason, isAtOpen, gain, bar: barAt.get(fill.executedAt)! };
    };
    return [
      ...fills.map((fill) => planned(fill, fill.reason, stoppedAt !== null && fill.executedAt > stoppedAt)),
      ...exit.map((fill) => planned(fill, 'exit_signal', true)),
    ];
  };

  const book = (bar: number, atOpen: boolean): void => {
    for (const holding of holdings) {
      for (let next = holding.plan[holding.done]; next?.bar === bar && next.isAtOpen === atOpen;) {
        holding.held = holding.held.minus(next.quantity);
        holding.realized = holding.realized.plus(next.gain);
        balance = balance.plus(next.gain);
        holding.done += 1;
        if (holding.held.eq(zero)) close(holding, bar);
        next = holding.plan[holding.done];
      }
    }
    for (let at = holdings.length - 1; at >= 0; at -= 1) if (holdings[at]!.held.eq(zero)) holdings.splice(at, 1);
  };

  const close = ({ entry, plan, done, realized }: Holding, bar: number): void => {
    const rate = limitOrder === null ? costs.taker : costs.maker;
    const pnl = Number(text(realized.minus(dec(entry.price).times(entry.quantity).times(rate))));
    kelly.add(pnl);
    if (pnl < 0) firstEntryBar = bar + 1 + (risk.cooldown_bars_after_loss ?? 0);
    closed.push({
      entry,
      exits: plan
        .slice(0, done)
        .map(({ time, price, quantity, commission, reason }) => ({ time, price, quantity, commission, reason })),
    });
  };

  /** Asks what became of the entry order by this candle, first at what price, then how much of the size at that price. */
  const settleEntry = (bar: number): void => {
    if (working === null) return;
    const { placed, ...order } = working;
    const seen = candles.slice(placed, bar + 1);
    const probe = paperOutcome({ ...order, quantity: '1' }, seen, { ...costs, volumeShare: null });
    if (probe.status === 'open') return;
    working = null;
    const [priced] = probe.fills;
    if (priced === undefined) return;
    const quantity = sizeAt(dec(priced.price), limitOrder === null ? feeRates.taker : feeRates.maker);
    if (quantity.eq(zero)) return;
    const minimum = { quantity: filters.minQuantity, notional: filters.minNotional };
    const [fill] = paperOutcome({ ...order, minimum, quantity: text(quantity) }, seen, costs).fills;
    if (fill === undefined) return;
    balance = balance.minus(
      dec(fill.price)
        .times(fill.quantity)
        .times(limitOrder === null ? costs.taker : costs.maker),
    );
    holdings.push({
      entry: asFill(fill),
      plan: planOf(order.clientOrderId, fill, limitOrder === null ? 'MARKET' : 'LIMIT'),
      done: 0,
      held: dec(fill.quantity),
      realized: zero,
    });
  };

  const decide = (bar: number): void => {
    if ((signals[bar]! & signal.exit) !== 0) working = null;
    if (signals[bar] !== signal.entry || working !== null || bar + 1 === candles.length) return;
    if (holdings.length >= (risk.max_open_positions ?? 1) || bar + 1 < firstEntryBar) return;
    orders += 1;
    const better = side === 'BUY' ? -1 : 1;
    const limit = columns.close[bar]! * (1 + (better * (limitOrder?.offset_bps ?? 0)) / 10_000);
    working = {
      placed: bar + 1,
      clientOrderId: `entry-${orders}`,
      side,
      type: limitOrder === null ? 'MARKET' : 'LIMIT',
      price: limitOrder === null ? null : String(onTick(limit, Number(filters.tickSize))),
      budget: null,
      stepSize: filters.stepSize,
      from: candles[bar + 1]!.time,
      cancelledAt: null,
      expireBars: limitOrder === null ? null : (limitOrder.expire_bars ?? 1),
    };
  };

  for (let bar = 0; bar < candles.length; bar += 1) {
    book(bar, true);
    settleEntry(bar);
    book(bar, false);
    decide(bar);
  }
  return { closed, held: sum(holdings.map(({ held }) => held)) };
};
