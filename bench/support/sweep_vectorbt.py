"""A sweep of SMA crosses in vectorbt: `sweep_vectorbt.py COLUMNS FAST,FAST.. SLOW,SLOW.. ROUNDS`.

All pairs at once in one matrix. Prints one line of JSON: the seconds of indicators, signals, simulation and final values.
"""

import sys

import numpy as np

from vectorbt_cross import answer, final_values, read_columns, timed


fasts, slows = ([int(period) for period in text.split(",")] for text in sys.argv[2:4])
pairs = np.repeat(fasts, len(slows)), np.tile(slows, len(fasts))
columns = read_columns(sys.argv[1])
seconds, equities = timed(lambda: [float(value) for value in final_values(*columns, *pairs)], int(sys.argv[4]))
answer(seconds, finalEquities=equities)
