"""A sweep of SMA crosses in vectorbt, as a person would write it: `sweep_vectorbt.py COLUMNS FAST,FAST.. SLOW,SLOW.. ROUNDS`.

All pairs at once in one matrix. Prints one line of JSON: the seconds of indicators, signals, simulation and final values.
"""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt


def sweep(open_, high, low, close, fasts, slows):
    fast = vbt.MA.run(close, np.repeat(fasts, len(slows)), short_name="fast")
    slow = vbt.MA.run(close, np.tile(slows, len(fasts)), short_name="slow")
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
    return [float(value) for value in portfolio.final_value()]


def main():
    path, rounds = sys.argv[1], int(sys.argv[4])
    fasts, slows = ([int(period) for period in text.split(",")] for text in sys.argv[2:4])
    columns = [pd.Series(column) for column in np.fromfile(path).reshape(4, -1)]
    seconds, first = 1e300, None
    for _ in range(rounds):
        started = time.perf_counter()
        equities = sweep(*columns, fasts, slows)
        taken = time.perf_counter() - started
        first = taken if first is None else first
        seconds = min(seconds, taken)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(json.dumps({"seconds": seconds, "firstSeconds": first, "finalEquities": equities, "peakMib": peak}))


main()
