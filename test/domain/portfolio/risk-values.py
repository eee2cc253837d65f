"""Writes risk-values.json: what empyrical, quantstats and numpy make of some series of the equity index.

Run: python test/domain/portfolio/risk-values.py, with test/differential/requirements.txt installed.

Each series is the index at the end of each UTC day after its beginning at 1. Risk-free 0, 365 periods a year.
"""

import json
from importlib.metadata import version
from pathlib import Path

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as qs

random = np.random.default_rng(20240101)


def walk(days, drift, spread):
    return np.round(np.cumprod(1 + random.normal(drift, spread, days)), 10)


def with_outliers(values):
    jumps = np.ones(len(values))
    jumps[[7, 40]] = [0.55, 1.9]
    return np.round(values * np.cumprod(jumps), 10)


SERIES = {
    "a quiet year": walk(365, 0.0005, 0.01),
    "a month of losses": walk(30, -0.01, 0.03),
    "a crash and a recovery": with_outliers(walk(120, 0.001, 0.02)),
    "twenty days": walk(20, 0.0, 0.05),
    "twenty-one days": walk(21, 0.0, 0.05),
    "two days": np.array([1.1, 0.99]),
    "only gains": np.round(np.cumprod(np.linspace(1.001, 1.03, 25)), 10),
}


def values_of(index):
    days = pd.date_range("2024-01-01", periods=len(index), freq="D")
    returns = pd.Series(np.diff(np.concatenate([[1.0], index])) / np.concatenate([[1.0], index[:-1]]), index=days)
    btc = np.round(40_000 * np.cumprod(1 + 0.6 * returns.to_numpy() + random.normal(0, 0.02, len(index))), 2)
    closes = np.concatenate([[40_000.0], btc])
    return {
        "index": index.tolist(),
        "btc": closes.tolist(),
        "empyrical": {
            "var": empyrical.value_at_risk(returns, cutoff=0.05),
            "cvar": empyrical.conditional_value_at_risk(returns, cutoff=0.05),
            "volatility": empyrical.annual_volatility(returns, annualization=365),
            "sharpe": empyrical.sharpe_ratio(returns, annualization=365),
            "max_drawdown": empyrical.max_drawdown(returns),
        },
        "quantstats": {
            "volatility": qs.volatility(returns, periods=365),
            "sharpe": qs.sharpe(returns, periods=365),
            "max_drawdown": qs.max_drawdown(returns),
        },
        "numpy": {"correlation": np.corrcoef(returns, closes[1:] / closes[:-1] - 1)[0, 1]},
    }


def floats(value):
    if isinstance(value, dict):
        return {key: floats(each) for key, each in value.items()}
    return [float(each) for each in value] if isinstance(value, list) else float(value)


Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {
            "versions": {name: version(name) for name in ("empyrical-reloaded", "quantstats", "numpy")},
            "series": [{"name": name, **floats(values_of(index))} for name, index in SERIES.items()],
        },
        indent=1,
    )
    + "\n"
)
