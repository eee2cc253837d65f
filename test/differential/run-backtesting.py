"""Writes backtesting.json: what backtesting.py makes of each of its cases in cases.json.

Run: python test/differential/run-backtesting.py, with requirements.txt installed and ../shared/data beside the checkout.

backtesting.py trades whole units (`stepSize` 1) and takes protective prices when an order is given, before its fill's
price is known. The script looks the fill's price up in the candles, so that stops and targets stand where they stand
for the engine.
"""

import warnings

import backtesting
import numpy as np
from backtesting import Backtest, Strategy
from backtesting.lib import crossover
from backtesting.test import SMA

from candles import cases_of, crossings, exact_signs, outcome, read_candles, signals_of, write

warnings.filterwarnings("ignore", message=".*initial cash.*")
warnings.filterwarnings("ignore", message=".*Some trades remain open.*")
backtesting.backtesting._tqdm = lambda iterable, **_: iterable
columns = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}


def simulate(case, frame, entries, exits):
    opens = frame["open"].to_numpy()
    direction = 1 if case["side"] == "LONG" else -1
    size = case["positionSize"]
    if case["stepSize"] != "1":
        raise ValueError(f"backtesting.py trades whole units, {case['name']} does not")
    fee = case["feePct"] / 100

    def units(price):
        """A fraction of equity, or the whole units that an amount of quote buys, fees included."""
        return size["value"] if size["type"] == "equity_fraction" else int(size["value"] // (price * (1 + fee)))

    def level(price, pct, sign):
        return None if not pct else price * (1 + sign * direction * pct / 100)

    class Cross(Strategy):
        def init(self):
            pass

        def next(self):
            bar = len(self.data) - 1
            for order in self.orders:
                if not order.is_contingent:
                    order.cancel()
            if exits[bar] and not case.get("byProtectionAlone"):
                self.position.close()
            elif entries[bar] and len(self.trades) < case.get("maxOpenPositions", 1) and bar + 1 < len(opens):
                order = self.buy if direction == 1 else self.sell
                offset = case.get("limitOffsetBps")
                limit = None if offset is None else self.data.Close[-1] * (1 - direction * offset / 10_000)
                price = opens[bar + 1]
                order(
                    size=units(price),
                    limit=limit,
                    sl=level(price, case.get("stopLossPct"), -1),
                    tp=level(price, case.get("takeProfitPct"), 1),
                )

    test = Backtest(frame.rename(columns=columns), Cross, cash=case["capital"], commission=fee, spread=case["slippageBps"] / 10_000)
    return test.run()


def run(case):
    frame, ticks = read_candles(case["candles"])
    stats = simulate(case, frame, *signals_of(case, ticks))
    trades = [
        (
            int(t.EntryBar),
            int(t.ExitBar),
            float(t.EntryPrice),
            float(t.ExitPrice),
            float(abs(t.Size)),
            float(t.PnL),
        )
        for t in stats["_trades"].sort_values("EntryBar").itertuples()
    ]
    result = outcome(case, trades, stats["_equity_curve"]["Equity"].to_numpy())
    result["figures"] = {
        "win_rate": float(stats["Win Rate [%]"]) / 100,
        "total_return_pct": float(stats["Return [%]"]),
        "max_drawdown_pct": -float(stats["Max. Drawdown [%]"]),
        "profit_factor_of_returns": float(stats["Profit Factor"]),
        "sharpe_of_days": float(stats["Sharpe Ratio"]),
    }
    return result


def own_crossings(case, fast, slow):
    """Where the library's own float averages (pandas' rolling mean) and `crossover` cross otherwise than exact ones."""
    frame, ticks = read_candles(case["candles"])
    quick, calm = SMA(frame["close"], fast).to_numpy(), SMA(frame["close"], slow).to_numpy()
    exact = crossings(exact_signs(ticks, fast, slow))
    ends = range(1, len(ticks) + 1)
    own = [np.array([end > slow and crossover(a[:end], b[:end]) for end in ends]) for a, b in ((quick, calm), (calm, quick))]
    return {
        "candles": case["candles"],
        "crossings": int(np.sum(exact)),
        "differing": np.flatnonzero((np.stack(own) != np.stack(exact)).any(axis=0)).tolist(),
        "finalExact": float(simulate(case, frame, *exact)["Equity Final [$]"]),
        "finalOwn": float(simulate(case, frame, *own)["Equity Final [$]"]),
    }


cases = cases_of("backtesting.py")
write("backtesting.json", {
    "version": backtesting.__version__,
    "cases": [run(case) for case in cases],
    "ownAverages": [own_crossings(case, 10, 50) for case in cases if case["name"].endswith("LONG without costs")],
})
