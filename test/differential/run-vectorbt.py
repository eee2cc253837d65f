"""Writes vectorbt.json: what vectorbt makes of each of its cases in cases.json.

Run: python test/differential/run-vectorbt.py, with requirements.txt installed and ../shared/data beside the checkout.

An order is due on the bar after its signal, at that bar's open. Stops and targets are vectorbt's own, from the fill's
price. It has one kind of exit for both: `StopMarket` (slippage on both) and `StopLimit` (none); cases with slippage have a
stop and no target.

Where an exit is due at an open and the same bar touches the stop, vectorbt lets the stop be hit. So that the order due at
the open comes first, the script shows vectorbt only the open of such bars, but not to cases whose `differs` says `exit_bar`.
"""

import numpy as np
import vectorbt as vbt
from vectorbt.portfolio.enums import StopEntryPrice, StopExitPrice

from candles import cases_of, crossings, daily, exact_signs, outcome, read_candles, signals_of, write


PERIODS = {"1m": "1min", "1h": "1h", "1d": "1D"}


def shifted(signals):
    return np.concatenate([[False], signals[:-1]])


def simulate(case, frame, entries, exits):
    fee = case["feePct"] / 100
    size = case["positionSize"]
    sizing = {"size": np.inf}
    if size["type"] == "fixed_quote":
        sizing = {"size": size["value"] / (1 + fee), "size_type": "value"}
    elif size["value"] != 1:
        raise ValueError(f"vectorbt can't size {size}")
    due = shifted(exits)
    high, low = frame["high"].to_numpy().copy(), frame["low"].to_numpy().copy()
    if "exit_bar" not in case.get("differs", {}):
        high[due] = low[due] = frame["open"].to_numpy()[due]
    stops = {}
    if case.get("stopLossPct"):
        stops["sl_stop"] = case["stopLossPct"] / 100
    if case.get("takeProfitPct"):
        stops["tp_stop"] = case["takeProfitPct"] / 100
    if case.get("trailingStopPct"):
        stops |= {"sl_stop": case["trailingStopPct"] / 100, "sl_trail": True}
    return vbt.Portfolio.from_signals(
        frame["close"],
        shifted(entries),
        due,
        open=frame["open"],
        high=high,
        low=low,
        price=frame["open"],
        direction="longonly" if case["side"] == "LONG" else "shortonly",
        fees=fee,
        slippage=case["slippageBps"] / 10_000,
        init_cash=case["capital"],
        stop_entry_price=StopEntryPrice.FillPrice,
        stop_exit_price=StopExitPrice.StopMarket,
        freq=PERIODS[case["interval"]],
        **sizing,
        **stops,
    )


def run(case):
    frame, ticks = read_candles(case["candles"])
    portfolio = simulate(case, frame, *signals_of(case, ticks))
    records = portfolio.trades.records
    records = records[records["status"] == 1]
    trades = [
        (int(t.entry_idx), int(t.exit_idx), float(t.entry_price), float(t.exit_price), float(t.size), float(t.pnl))
        for t in records.itertuples()
    ]
    equity = portfolio.value()
    result = outcome(case, trades, equity.to_numpy())
    closed = portfolio.trades.closed
    result["figures"] = {
        "win_rate": float(closed.win_rate()),
        "profit_factor": float(closed.profit_factor()),
        "total_return_pct": float(portfolio.total_return() * 100),
        "max_drawdown_pct": float(portfolio.max_drawdown() * -100),
        "sharpe_of_bars": float(portfolio.sharpe_ratio()),
    }
    if case.get("daily"):
        result["days"] = daily(equity)
    return result


def own_crossings(case, fast, slow):
    """Where vectorbt's own float averages cross otherwise than exact ones, and what that makes of the equity."""
    frame, ticks = read_candles(case["candles"])
    quick, calm = vbt.MA.run(frame["close"], fast), vbt.MA.run(frame["close"], slow)
    exact = crossings(exact_signs(ticks, fast, slow))
    own = quick.ma_crossed_above(calm).to_numpy(), quick.ma_crossed_below(calm).to_numpy()
    return {
        "candles": case["candles"],
        "crossings": int(np.sum(exact)),
        "differing": np.flatnonzero((np.stack(own) != np.stack(exact)).any(axis=0)).tolist(),
        "finalExact": float(simulate(case, frame, *exact).final_value()),
        "finalOwn": float(simulate(case, frame, *own).final_value()),
    }


cases = cases_of("vectorbt")
write("vectorbt.json", {
    "version": vbt.__version__,
    "cases": [run(case) for case in cases],
    "ownAverages": [own_crossings(case, 10, 50) for case in cases if case["name"].endswith("LONG without costs")],
})
