"""Writes statistics.json: quantstats' and empyrical's values on the daily equity of some of vectorbt's runs.

Run: python test/differential/statistics-values.py, after run-vectorbt.py, with requirements.txt installed.

Both get the same returns: r_t = E_t / E_(t−1) − 1, the capital before the first day. Risk-free 0, 365 periods a year.
"""

import json
from importlib.metadata import version

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as qs

from candles import HERE, cases_of, write


def by_quantstats(returns, pnl):
    months = qs.monthly_returns(returns, eoy=False)
    names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    held = sorted({day.strftime("%Y-%m") for day in returns.index})
    return {
        "sharpe": qs.sharpe(returns, periods=365),
        "sharpe_252": qs.sharpe(returns),
        "sortino": qs.sortino(returns, periods=365),
        "cagr": qs.cagr(returns, periods=365),
        "cagr_252": qs.cagr(returns),
        "max_drawdown": qs.max_drawdown(returns),
        "total_return": qs.comp(returns),
        "volatility": qs.volatility(returns, periods=365),
        "monthly_returns": {month: months.loc[month[:4], names[int(month[5:]) - 1]] for month in held},
        "win_rate_of_days": qs.win_rate(returns),
        "profit_factor_of_days": qs.profit_factor(returns),
        "win_rate_of_trades": qs.win_rate(pnl, prepare_returns=False),
        "profit_factor_of_trades": qs.profit_factor(pnl, prepare_returns=False),
        "avg_win_of_trades": qs.avg_win(pnl, prepare_returns=False),
        "avg_loss_of_trades": qs.avg_loss(pnl, prepare_returns=False),
        "kelly_of_trades": qs.kelly_criterion(pnl, prepare_returns=False),
    }


def by_empyrical(returns):
    return {
        "sharpe": empyrical.sharpe_ratio(returns, annualization=365),
        "sortino": empyrical.sortino_ratio(returns, annualization=365),
        "cagr": empyrical.cagr(returns, annualization=365),
        "max_drawdown": empyrical.max_drawdown(returns),
        "total_return": empyrical.cum_returns_final(returns),
        "volatility": empyrical.annual_volatility(returns, annualization=365),
        "monthly_returns": {
            f"{year}-{month:02}": value for (year, month), value in empyrical.aggregate_returns(returns, "monthly").items()
        },
    }


def floats(values):
    return {key: floats(value) if isinstance(value, dict) else float(value) for key, value in values.items()}


def series(case, run):
    days = pd.date_range(run["days"]["start"], periods=len(run["days"]["equity"]), freq="D")
    equity = np.array([case["capital"], *run["days"]["equity"]])
    returns = pd.Series(equity[1:] / equity[:-1] - 1, index=days)
    pnl = pd.Series(run["trades"]["pnl"])
    return {"name": case["name"], "quantstats": floats(by_quantstats(returns, pnl)), "empyrical": floats(by_empyrical(returns))}


runs = {run["name"]: run for run in json.loads((HERE / "vectorbt.json").read_text())["cases"]}
write("statistics.json", {
    "versions": {name: version(name) for name in ("quantstats", "empyrical-reloaded")},
    "series": [series(case, runs[case["name"]]) for case in cases_of("vectorbt") if case.get("daily")],
})
