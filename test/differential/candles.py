"""What the scripts here share: candles, crosses of simple averages in whole ticks, the cases, and the shape of a fixture.

A fixture is written anew by its script and then by `npx prettier --write test/differential`.

Averages are compared as integers (sum of ticks × the other period), so an exact tie is a tie and no library's own sums matter.
"""

import csv
import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"
SAMPLES = 80


def path_of(name):
    own = HERE / name
    return own if own.exists() else SHARED / name


def read_candles(name):
    """A frame of float64 columns by UTC time, and the closes in whole ticks."""
    with open(path_of(name), newline="") as file:
        rows = list(csv.DictReader(file))
    frame = pd.DataFrame(
        {key: np.array([float(row[key]) for row in rows]) for key in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime([row["timestamp"] for row in rows], utc=True).tz_localize(None),
    )
    closes = [Decimal(row["close"]) for row in rows]
    scale = Decimal(10) ** max(-close.as_tuple().exponent for close in closes)
    return frame, [int(close * scale) for close in closes]


def exact_signs(ticks, fast, slow):
    """The sign of SMA(fast) − SMA(slow) on each close, exactly; None before both are defined."""
    sums = [0]
    for tick in ticks:
        sums.append(sums[-1] + tick)
    signs = [None] * len(ticks)
    for bar in range(max(fast, slow) - 1, len(ticks)):
        end = bar + 1
        difference = (sums[end] - sums[end - fast]) * slow - (sums[end] - sums[end - slow]) * fast
        signs[bar] = (difference > 0) - (difference < 0)
    return signs


def crossings(signs):
    """Two boolean arrays: the closes on which the fast average comes to be above the slow one, and under it."""
    above, under = np.zeros(len(signs), dtype=bool), np.zeros(len(signs), dtype=bool)
    for bar in range(1, len(signs)):
        if signs[bar - 1] is None or signs[bar] is None:
            continue
        above[bar] = signs[bar - 1] <= 0 < signs[bar]
        under[bar] = signs[bar - 1] >= 0 > signs[bar]
    return above, under


def signals_of(case, ticks):
    """Entries and exits on each close: a LONG enters where the fast average crosses above, a SHORT where it crosses below."""
    above, under = crossings(exact_signs(ticks, case["fast"], case["slow"]))
    return (above, under) if case["side"] == "LONG" else (under, above)


def cases_of(library):
    cases = json.loads((HERE / "cases.json").read_text())
    return [case for case in cases if case["library"] == library]


def outcome(case, trades, equity):
    """One case of a fixture: closed trades by column, and the equity of sampled bars with a sum over all of them."""
    equity = [float(value) for value in equity]
    step = math.ceil(len(equity) / SAMPLES)
    columns = ("entryBar", "exitBar", "entryPrice", "exitPrice", "quantity", "pnl")
    return {
        "name": case["name"],
        "bars": len(equity),
        "trades": {key: [trade[i] for trade in trades] for i, key in enumerate(columns)},
        "equity": {
            "step": step,
            "sampled": equity[::step],
            "final": equity[-1],
            "lowest": min(equity),
            "highest": max(equity),
            "sum": math.fsum(equity),
        },
    }


def daily(equity):
    """The last equity of each UTC day, a day without a bar carrying the one before it. `equity` is a series by time."""
    days = equity.resample("D").last().ffill()
    return {"start": days.index[0].strftime("%Y-%m-%d"), "equity": [float(value) for value in days]}


def write(name, fixture):
    (HERE / name).write_text(json.dumps(fixture) + "\n")
