"""The SMA cross of the benches in vectorbt, as a person would write it. Stops and targets are vectorbt's own; its conventions are not
all those of the engine."""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt


def final_values(open_, high, low, close, fasts, slows):
    """What each pair of periods, one of fasts and one of slows, comes to."""
    fast, slow = vbt.MA.run(close, fasts, short_name="fast"), vbt.MA.run(close, slows, short_name="slow")
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
    return portfolio.final_value()


def read_columns(path):
    return [pd.Series(column) for column in np.fromfile(path).reshape(4, -1)]


def timed(work, rounds):
    """Seconds of the best and of the first round, and what the last gave."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - started)
    return {"seconds": min(taken), "firstSeconds": taken[0]}, answer


def answer(seconds, **values):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(json.dumps({**seconds, **values, "peakMib": peak}))
