"""SMA 10/50 cross in vectorbt, as a person would write it: `loop COLUMNS ROUNDS` over raw columns, or `csv CANDLES` from a file.

Prints one line of JSON. Stops and targets are vectorbt's own; its conventions are not all those of the engine.
"""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt


def simulate(open_, high, low, close):
    fast, slow = vbt.MA.run(close, 10), vbt.MA.run(close, 50)
    entries, exits = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
    portfolio = vbt.Portfolio.from_signals(
        close,
        entries.vbt.signals.fshift(1),
        exits.vbt.signals.fshift(1),
        open=open_,
        high=high,
        low=low,
        price=open_,
        sl_stop=0.02,
        tp_stop=0.04,
        fees=0.001,
        init_cash=10_000,
        freq="1min",
    )
    return float(portfolio.final_value())


def main():
    mode, path = sys.argv[1], sys.argv[2]
    seconds, first = 1e300, None
    if mode == "csv":
        started = time.perf_counter()
        frame = pd.read_csv(path, index_col="timestamp", parse_dates=True)
        equity = simulate(frame["open"], frame["high"], frame["low"], frame["close"])
        seconds = first = time.perf_counter() - started
    else:
        columns = [pd.Series(column) for column in np.fromfile(path).reshape(4, -1)]
        for _ in range(int(sys.argv[3])):
            started = time.perf_counter()
            equity = simulate(*columns)
            taken = time.perf_counter() - started
            first = taken if first is None else first
            seconds = min(seconds, taken)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(json.dumps({"seconds": seconds, "firstSeconds": first, "finalEquity": equity, "peakMib": peak}))


main()
