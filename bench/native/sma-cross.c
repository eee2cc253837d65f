/*
 * The reference for the benches: one hand-written loop of the strategy in examples/sma-cross.json, with the engine's conventions.
 *
 *   sma-cross loop COLUMNS [rounds]                    SMA 10/50 over raw columns, the best of some rounds
 *   sma-cross curve COLUMNS [rounds]                   the same with the averages themselves, equity at each close, drawdown
 *   sma-cross csv CANDLES                              the same over a CSV of candles, read and parsed once
 *   sma-cross sweep COLUMNS FAST,FAST.. SLOW,SLOW..    every pair over raw columns, one after another
 *
 * COLUMNS holds little-endian float64: all opens, then all highs, all lows, all closes. Each mode prints one line of JSON.
 * Prices are to be such that their sums are exact (quarters, say): then a tie of two averages is a tie here as well.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifndef _WIN32
#include <sys/resource.h>
#endif

typedef struct {
  long length;
  double *open, *high, *low, *close;
} Columns;

static void fail(const char *what, const char *where) {
  fprintf(stderr, "%s %s\n", what, where);
  exit(1);
}

static double now(void) {
  struct timespec at;
  timespec_get(&at, TIME_UTC);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

/* The greatest memory that the process has held so far, in MiB; 0 where the system does not say. */
static double peak_mib(void) {
#ifdef _WIN32
  return 0;
#else
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return (double)usage.ru_maxrss / 1048576.0;
#else
  return (double)usage.ru_maxrss / 1024.0;
#endif
#endif
}

/* Stop 2 %, target 4 %, all equity, fee 0.1 % a side. */
static double run(const Columns *columns, long fast, long slow) {
  const double *restrict open = columns->open, *restrict high = columns->high;
  const double *restrict low = columns->low, *restrict close = columns->close;
  const double fee = 0.001;
  const long longest = fast > slow ? fast : slow;
  double fast_sum = 0, slow_sum = 0, cash = 10000, quantity = 0, stop = 0, target = 0;
  int before = 0, signal = 0; /* before: 1 above, -1 under, 0 a tie; signal: 1 enter, -1 leave at the next open */
  for (long i = 0; i < columns->length; i++) {
    if (signal != 0) {
      if (signal > 0 && quantity == 0) {
        quantity = cash / (open[i] * (1 + fee));
        cash = 0;
        stop = open[i] * 0.98;
        target = open[i] * 1.04;
      } else if (signal < 0 && quantity > 0) {
        cash = quantity * open[i] * (1 - fee);
        quantity = 0;
      }
      signal = 0;
    }
    if (quantity > 0 && (low[i] <= stop || high[i] >= target)) {
      double price = low[i] <= stop ? (open[i] < stop ? open[i] : stop) : (open[i] > target ? open[i] : target);
      cash = quantity * price * (1 - fee);
      quantity = 0;
    }
    fast_sum += i >= fast ? close[i] - close[i - fast] : close[i];
    slow_sum += i >= slow ? close[i] - close[i - slow] : close[i];
    if (i >= longest - 1) {
      double a = fast_sum * (double)slow, b = slow_sum * (double)fast;
      int side = (a > b) - (a < b);
      if (side != before) {
        if (i >= longest) signal = side;
        before = side;
      }
    }
  }
  return cash + quantity * close[columns->length - 1];
}

/*
 * A function of its own: with both in one, the bare loop took 1.1 to 1.9 times as long (gcc -O3), and the reference would be too weak.
 * The same run as a backtest has it: averages as values, equity at each close, the greatest drawdown from a peak.
 */
static double run_curve(const Columns *columns, long fast, long slow, double *restrict equity, double *drawdown) {
  const double *restrict open = columns->open, *restrict high = columns->high;
  const double *restrict low = columns->low, *restrict close = columns->close;
  const double fee = 0.001;
  const long longest = fast > slow ? fast : slow;
  double fast_sum = 0, slow_sum = 0, cash = 10000, quantity = 0, stop = 0, target = 0, peak = 10000, worst = 0;
  int before = 0, signal = 0;
  for (long i = 0; i < columns->length; i++) {
    if (signal > 0 && quantity == 0) {
      quantity = cash / (open[i] * (1 + fee));
      cash = 0;
      stop = open[i] * 0.98;
      target = open[i] * 1.04;
    } else if (signal < 0 && quantity > 0) {
      cash = quantity * open[i] * (1 - fee);
      quantity = 0;
    }
    signal = 0;
    if (quantity > 0 && (low[i] <= stop || high[i] >= target)) {
      double price = low[i] <= stop ? (open[i] < stop ? open[i] : stop) : (open[i] > target ? open[i] : target);
      cash = quantity * price * (1 - fee);
      quantity = 0;
    }
    equity[i] = cash + quantity * close[i];
    if (equity[i] > peak) peak = equity[i];
    double fall = (peak - equity[i]) / peak;
    if (fall > worst) worst = fall;
    fast_sum += i >= fast ? close[i] - close[i - fast] : close[i];
    slow_sum += i >= slow ? close[i] - close[i - slow] : close[i];
    if (i >= longest - 1) {
      double a = fast_sum / (double)fast, b = slow_sum / (double)slow;
      int side = (a > b) - (a < b);
      if (side != before && i >= longest) signal = side;
      before = side;
    }
  }
  *drawdown = worst;
  return equity[columns->length - 1];
}

static char *read_all(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("cannot open", path);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) fail("cannot read", path);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

static Columns read_columns(const char *path) {
  size_t size;
  double *values = (double *)(void *)read_all(path, &size);
  long length = (long)(size / (4 * sizeof(double)));
  return (Columns){length, values, values + length, values + 2 * length, values + 3 * length};
}

/* A decimal of up to 15 digits without an exponent: its digits as a whole number by a power of ten, which rounds as strtod does. */
static double decimal(const char **at) {
  static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const char *c = *at;
  int64_t digits = 0;
  int decimals = 0;
  for (; *c >= '0' && *c <= '9'; c++) digits = digits * 10 + (*c - '0');
  if (*c == '.') {
    for (c++; *c >= '0' && *c <= '9'; c++, decimals++) digits = digits * 10 + (*c - '0');
  }
  *at = c + (*c == ',');
  return (double)digits / power[decimals];
}

/* Reads timestamp,open,high,low,close,volume below a header; the times and the volumes are passed over. */
static Columns read_csv(const char *path) {
  size_t size;
  char *text = read_all(path, &size);
  long lines = 0;
  for (const char *c = text; (c = strchr(c, '\n')) != NULL; c++) lines++;
  double *values = malloc(sizeof(double) * 4 * (size_t)(lines + 1));
  if (values == NULL) fail("no memory for", path);
  Columns columns = {0, values, values + lines, values + 2 * lines, values + 3 * lines};
  const char *at = strchr(text, '\n');
  while (at != NULL && *++at != 0) {
    const char *comma = strchr(at, ',');
    if (comma == NULL) break;
    at = comma + 1;
    long row = columns.length++;
    columns.open[row] = decimal(&at);
    columns.high[row] = decimal(&at);
    columns.low[row] = decimal(&at);
    columns.close[row] = decimal(&at);
    at = strchr(at, '\n');
  }
  free(text);
  return columns;
}

static int read_numbers(const char *text, long *numbers, int most) {
  int count = 0;
  for (char *end; count < most && *text != 0; text = *end == ',' ? end + 1 : end) numbers[count++] = strtol(text, &end, 10);
  return count;
}

static int loop(const char *path, int rounds, int with_curve) {
  Columns columns = read_columns(path);
  double *curve = malloc(sizeof(double) * (size_t)columns.length);
  if (curve == NULL) fail("no memory for", path);
  double best = 1e300, equity = 0, drawdown = 0;
  for (int round = 0; round < rounds; round++) {
    double started = now();
    equity = with_curve ? run_curve(&columns, 10, 50, curve, &drawdown) : run(&columns, 10, 50);
    double seconds = now() - started;
    if (seconds < best) best = seconds;
  }
  printf("{\"bars\":%ld,\"seconds\":%.9f,\"finalEquity\":%.17g,\"peakMib\":%.1f}\n", columns.length, best, equity, peak_mib());
  return 0;
}

static int csv(const char *path) {
  double started = now();
  Columns columns = read_csv(path);
  double equity = run(&columns, 10, 50);
  double seconds = now() - started;
  printf("{\"bars\":%ld,\"seconds\":%.9f,\"finalEquity\":%.17g,\"peakMib\":%.1f}\n", columns.length, seconds, equity, peak_mib());
  return 0;
}

static int sweep(const char *path, const char *fast_text, const char *slow_text) {
  long fast[1000], slow[1000];
  int fasts = read_numbers(fast_text, fast, 1000), slows = read_numbers(slow_text, slow, 1000);
  Columns columns = read_columns(path);
  double *equity = malloc(sizeof(double) * (size_t)(fasts * slows + 1));
  double started = now();
  for (int f = 0; f < fasts; f++)
    for (int s = 0; s < slows; s++) equity[f * slows + s] = run(&columns, fast[f], slow[s]);
  double seconds = now() - started;
  printf("{\"bars\":%ld,\"combinations\":%d,\"seconds\":%.9f,\"peakMib\":%.1f,\"finalEquities\":[", columns.length,
         fasts * slows, seconds, peak_mib());
  for (int i = 0; i < fasts * slows; i++) printf("%s%.17g", i > 0 ? "," : "", equity[i]);
  printf("]}\n");
  return 0;
}

int main(int count, char **arguments) {
  if (count >= 3 && strcmp(arguments[1], "loop") == 0) return loop(arguments[2], count > 3 ? atoi(arguments[3]) : 7, 0);
  if (count >= 3 && strcmp(arguments[1], "curve") == 0) return loop(arguments[2], count > 3 ? atoi(arguments[3]) : 7, 1);
  if (count == 3 && strcmp(arguments[1], "csv") == 0) return csv(arguments[2]);
  if (count == 5 && strcmp(arguments[1], "sweep") == 0) return sweep(arguments[2], arguments[3], arguments[4]);
  fail("usage: sma-cross loop COLUMNS [rounds] | curve COLUMNS [rounds] | csv CANDLES | sweep COLUMNS FASTS SLOWS; not", count > 1 ? arguments[1] : "nothing");
  return 2;
}
