"""Writes talib-values.json: TA-Lib's values on a small seeded market. Needs the PyPI packages TA-Lib and numpy.

    python test/domain/indicators/talib-values.py > test/domain/indicators/talib-values.json
"""

import json

import numpy as np
import talib

rng = np.random.default_rng(20240229)
BARS = 160
close = np.round(100 + np.cumsum(rng.normal(0, 0.8, BARS)), 2)
open_ = np.round(np.concatenate([[100.0], close[:-1]]) + rng.normal(0, 0.1, BARS), 2)
high = np.round(np.maximum(open_, close) + rng.uniform(0, 0.6, BARS), 2)
low = np.round(np.minimum(open_, close) - rng.uniform(0, 0.6, BARS), 2)
volume = np.round(rng.uniform(1, 50, BARS), 3)

macd = talib.MACD(close, 12, 26, 9)
bands = talib.BBANDS(close, 20, 2, 2, 0)
highest, lowest = talib.MAX(high, 20), talib.MIN(low, 20)

expected = [
    ("SMA", {"period": 7}, {"value": talib.SMA(close, 7)}),
    ("VOLUME_SMA", {"period": 10}, {"value": talib.SMA(volume, 10)}),
    ("EMA", {"period": 9}, {"value": talib.EMA(close, 9)}),
    ("WMA", {"period": 10}, {"value": talib.WMA(close, 10)}),
    ("RSI", {"period": 14}, {"value": talib.RSI(close, 14)}),
    ("MACD", {"fast": 12, "slow": 26, "signal": 9}, {"macd": macd[0], "signal": macd[1], "histogram": macd[2]}),
    ("BBANDS", {"period": 20, "deviations": 2}, {"upper": bands[0], "middle": bands[1], "lower": bands[2]}),
    ("STDDEV", {"period": 15}, {"value": talib.STDDEV(close, 15, 1)}),
    ("ATR", {"period": 14}, {"value": talib.ATR(high, low, close, 14)}),
    ("ROC", {"period": 12}, {"value": talib.ROC(close, 12)}),
    ("HIGHEST", {"period": 20}, {"value": highest}),
    ("LOWEST", {"period": 20}, {"value": lowest}),
    ("DONCHIAN", {"period": 20}, {"upper": highest, "middle": (highest + lowest) / 2, "lower": lowest}),
    ("ADX", {"period": 14}, {
        "adx": talib.ADX(high, low, close, 14),
        "plus_di": talib.PLUS_DI(high, low, close, 14),
        "minus_di": talib.MINUS_DI(high, low, close, 14),
    }),
    ("CCI", {"period": 20}, {"value": talib.CCI(high, low, close, 20)}),
    ("MFI", {"period": 14}, {"value": talib.MFI(high, low, close, volume, 14)}),
    ("OBV", {}, {"value": talib.OBV(close, volume)}),
    ("WILLR", {"period": 14}, {"value": talib.WILLR(high, low, close, 14)}),
    ("STOCH", {"k": 14, "slowing": 3, "d": 3}, dict(zip(["k", "d"], talib.STOCH(high, low, close, 14, 3, 0, 3, 0)))),
    ("STOCHRSI", {"period": 14, "k": 5, "d": 3}, dict(zip(["k", "d"], talib.STOCHRSI(close, 14, 5, 3, 0)))),
    ("PSAR", {"step": 0.02, "maximum": 0.2}, {"value": talib.SAR(high, low, 0.02, 0.2)}),
]


def sampled(series):
    """First defined bar, its value, and every 13th after it."""
    defined = int(np.argmax(~np.isnan(series)))
    return {"first": defined, "values": [float(value) for value in series[defined::13]]}


print(json.dumps({
    "version": talib.__version__,
    "step": 13,
    "columns": {
        "open": open_.tolist(), "high": high.tolist(), "low": low.tolist(), "close": close.tolist(), "volume": volume.tolist(),
    },
    "expected": [
        {"indicator": name, "parameters": parameters, "outputs": {key: sampled(series) for key, series in outputs.items()}}
        for name, parameters, outputs in expected
    ],
}))
