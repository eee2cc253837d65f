"""Writes coarse-walk-1h.csv: 2,000 hourly candles on a grid so coarse that averages tie often and bars gap through stops.

Run: python test/differential/coarse-walk.py > test/differential/coarse-walk-1h.csv
"""

import random
from datetime import datetime, timedelta, timezone

BARS = 2_000
TICKS_PER_UNIT = 10
draw = random.Random(20260301)

start = datetime(2024, 1, 1, tzinfo=timezone.utc)
print("timestamp,open,high,low,close,volume")
close = 100
for bar in range(BARS):
    open_ = close + draw.choice([-1, 0, 0, 0, 0, 0, 0, 1])
    close = min(160, max(60, open_ + draw.randint(-2, 2)))
    high = max(open_, close) + draw.randint(0, 1)
    low = min(open_, close) - draw.randint(0, 1)
    time = (start + timedelta(hours=bar)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    print(time, *(f"{price / TICKS_PER_UNIT:.1f}" for price in (open_, high, low, close)), draw.randint(1, 50), sep=",")
