/** Numbers as people read them; null, and what is no number, is a dash. */
type Maybe = number | null | undefined;

const dash = '–';
const formats = new Map<string, Intl.NumberFormat>();

const formatOf = (least: number, most: number): Intl.NumberFormat => {
  const key = `${least}/${most}`;
  const found =
    formats.get(key) ?? new Intl.NumberFormat('en-US', { minimumFractionDigits: least, maximumFractionDigits: most });
  formats.set(key, found);
  return found;
};

/** With thousands separated and a true minus. */
export const formatNumber = (value: Maybe, least = 2, most = Math.max(least, 2)): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash;
  const text = formatOf(least, most).format(value);
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
};

export const formatCount = (value: Maybe): string => formatNumber(value, 0, 0);

export const formatPercent = (value: Maybe, digits = 2): string => {
  const text = formatNumber(value, digits, digits);
  return text === dash ? dash : `${text}%`;
};

/** Per cent with its sign, for returns. */
export const formatReturn = (value: Maybe, digits = 2): string => {
  const text = formatPercent(value, digits);
  return typeof value === 'number' && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};

/**
 * How to show prices (or quantities) below each other: all with the same digits after the point, as many as give the greatest about
 * `significant` digits, from two to eight.
 */
export const alignedNumbers = (values: readonly number[], significant = 7): ((value: number) => string) => {
  const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const before = greatest === 0 ? 1 : Math.floor(Math.log10(greatest)) + 1;
  const digits = before > 3 ? 2 : Math.min(8, Math.max(2, significant - before));
  return (value) => formatNumber(value, digits, digits);
};

/** `2024-03-01 12:00` in UTC. */
export const formatTime = (time: number | string): string =>
  new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** `1 Mar 2024` in UTC. */
export const formatDay = (time: number | string): string =>
  new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** `7 Jan – 2 Jun 2017`: the year once where both days are in it, one day where both are the same. */
export const formatPeriod = (from: number | string, to: number | string): string => {
  const [first, last] = [formatDay(from), formatDay(to)];
  if (first === last) return first;
  return `${first.slice(-4) === last.slice(-4) ? first.slice(0, -5) : first} – ${last}`;
};
