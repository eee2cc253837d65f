"""SMA 10/50 cross in vectorbt: `loop COLUMNS ROUNDS` over raw columns, or `csv CANDLES` from a file. Prints one line of JSON."""

import sys

import pandas as pd

from vectorbt_cross import answer, final_values, read_columns, timed


def from_csv(path):
    frame = pd.read_csv(path, index_col="timestamp", parse_dates=True)
    return float(final_values(frame["open"], frame["high"], frame["low"], frame["close"], 10, 50))


mode, path = sys.argv[1], sys.argv[2]
if mode == "csv":
    seconds, equity = timed(lambda: from_csv(path), 1)
else:
    columns = read_columns(path)
    seconds, equity = timed(lambda: float(final_values(*columns, 10, 50)), int(sys.argv[3]))
answer(seconds, finalEquity=equity)
