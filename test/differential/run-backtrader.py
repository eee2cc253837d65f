"""Writes backtrader.json: what backtrader makes of each of its cases in cases.json.

Run: python test/differential/run-backtrader.py, with requirements.txt installed and ../shared/data beside the checkout.

`cheat_on_open` tells the strategy the open that its order fills at, so that a fraction of equity can be spent at that
price. A stop and a target are a pair of orders (one cancels the other) given when the entry has filled: backtrader looks
at them from the next bar on. Orders to sell in parts are such pairs each.
"""

import backtrader as bt
import numpy as np

from candles import cases_of, crossings, exact_signs, outcome, read_candles, signals_of, write


class Cross(bt.Strategy):
    params = dict(case=None, entries=None, exits=None)

    def __init__(self):
        self.direction = 1 if self.p.case["side"] == "LONG" else -1
        self.fee = self.p.case["feePct"] / 100
        self.entry, self.protection = None, []
        self.entered, self.left = None, []
        self.pnl, self.trades, self.equity = None, [], []

    @property
    def bar(self):
        return len(self.data) - 1

    @property
    def enter(self):
        return self.buy if self.direction == 1 else self.sell

    @property
    def leave(self):
        return self.sell if self.direction == 1 else self.buy

    def level(self, price, pct):
        """`pct` per cent of `price` in the position's favour."""
        return price * (1 + self.direction * pct / 100)

    def next_open(self):
        before = self.bar - 1
        if before < 0:
            return
        if self.entry is not None:
            self.cancel(self.entry)
            self.entry = None
        if self.p.exits[before]:
            if self.position:
                for order in self.protection:
                    self.cancel(order)
                self.close()
        elif self.p.entries[before] and not self.position:
            offset = self.p.case.get("limitOffsetBps")
            if offset is None:
                # What the order will pay is known: the open, with slippage.
                self.enter(size=self.size_at(self.level(self.data.open[0], self.p.case["slippageBps"] / 100)))
                return
            limit = self.data.close[-1] * (1 - self.direction * offset / 10_000)
            price = min(limit, self.data.open[0]) if self.direction == 1 else max(limit, self.data.open[0])
            self.entry = self.enter(size=self.size_at(price), exectype=bt.Order.Limit, price=limit)

    def size_at(self, price):
        size = self.p.case["positionSize"]
        spent = size["value"] if size["type"] == "fixed_quote" else self.broker.getvalue() * size["value"]
        return spent / (price * (1 + self.fee))

    def notify_order(self, order):
        if order.status in (order.Margin, order.Rejected):
            raise RuntimeError(f"bar {self.bar}: {order.getstatusname()}")
        if order.status != order.Completed:
            return
        price, size = order.executed.price, abs(order.executed.size)
        if order.isbuy() == (self.direction == 1):
            self.entry, self.left = None, []
            self.entered = (self.bar, price, size)
            self.protect(price, size)
        else:
            self.left.append((self.bar, price, size))

    def protect(self, price, size):
        """A pair of stop and target for each part, and for what is left after them."""
        stop = self.p.case.get("stopLossPct")
        parts = [(part["pct"], size * part["fraction"]) for part in self.p.case.get("exits", [])]
        rest = size
        for _, part in parts:
            rest -= part
        parts.append((self.p.case.get("takeProfitPct"), rest))
        self.protection = []
        trailing = self.p.case.get("trailingStopPct")
        if trailing:
            self.protection.append(self.leave(size=size, exectype=bt.Order.StopTrail, trailpercent=trailing / 100))
        for target, part in parts:
            pair = {}
            if stop:
                pair["oco"] = self.leave(size=part, exectype=bt.Order.Stop, price=self.level(price, -stop))
                self.protection.append(pair["oco"])
            if target:
                self.protection.append(self.leave(size=part, exectype=bt.Order.Limit, price=self.level(price, target), **pair))

    def notify_trade(self, trade):
        if trade.isclosed:
            self.pnl = trade.pnlcomm

    def next(self):
        self.equity.append(self.broker.getvalue())
        if self.pnl is None:
            return
        entry_bar, entry_price, entry_size = self.entered
        price = sum(price * size for _, price, size in self.left) / sum(size for *_, size in self.left)
        self.trades.append((entry_bar, self.left[-1][0], entry_price, price, entry_size, self.pnl))
        self.pnl = None


def simulate(case, frame, entries, exits):
    cerebro = bt.Cerebro(stdstats=False, cheat_on_open=True, runonce=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Cross, case=case, entries=entries, exits=exits)
    broker = cerebro.broker
    broker.setcash(case["capital"])
    broker.setcommission(commission=case["feePct"] / 100)
    broker.set_checksubmit(False)
    broker.set_coo(True)
    if case["slippageBps"]:
        broker.set_slippage_perc(case["slippageBps"] / 10_000, slip_open=True, slip_limit=False, slip_match=True, slip_out=True)
    (strategy,) = cerebro.run()
    return strategy


def run(case):
    frame, ticks = read_candles(case["candles"])
    strategy = simulate(case, frame, *signals_of(case, ticks))
    return outcome(case, strategy.trades, strategy.equity)


class Crossings(bt.Strategy):
    params = dict(fast=10, slow=50)

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.fast), bt.ind.SMA(period=self.p.slow))
        self.seen = {}

    def next(self):
        self.seen[len(self) - 1] = self.cross[0]


def own_crossings(case, fast, slow):
    """Where backtrader's own averages and its CrossOver cross otherwise than exact ones."""
    frame, ticks = read_candles(case["candles"])
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Crossings, fast=fast, slow=slow)
    (strategy,) = cerebro.run()
    exact = crossings(exact_signs(ticks, fast, slow))
    cross = np.array([strategy.seen.get(bar, 0) for bar in range(len(ticks))])
    own = cross > 0, cross < 0
    return {
        "candles": case["candles"],
        "crossings": int(np.sum(exact)),
        "differing": np.flatnonzero((np.stack(own) != np.stack(exact)).any(axis=0)).tolist(),
        "finalExact": simulate(case, frame, *exact).equity[-1],
        "finalOwn": simulate(case, frame, *own).equity[-1],
    }


cases = cases_of("backtrader")
write("backtrader.json", {
    "version": bt.__version__,
    "cases": [run(case) for case in cases],
    "ownAverages": [own_crossings(case, 10, 50) for case in cases if case["name"].endswith("LONG without costs")],
})
