/* Colours and numbers that all charts share. Colours come from page.css, so that both themes are written once. */

export const readTheme = () => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: colour('surface'),
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    up: colour('up'),
    down: colour('down'),
    hold: colour('hold'),
    series: [1, 2, 3, 4, 5, 6].map((index) => colour(`series-${index}`)),
  };
};

/** A colour of the theme (`#rrggbb`) with an alpha from 0 to 1. */
export const faded = (hex, alpha) =>
  hex +
  Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0');

const numbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });

export const showNumber = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 1 || value === 0 ? 2 : 8;
  const text =
    digits === 2
      ? numbers.format(value)
      : new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 }).format(value);
  return text.replace('-', '−');
};
export const showCompact = (value) => compact.format(value).replace('-', '−');
export const showPercent = (value) => `${showNumber(value)}%`;
export const showTime = (time) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** Whether the page is read on something narrow, where charts have less beside them. */
export const isNarrow = () => window.innerWidth <= 760;
/** Whether fingers scroll the page: a chart must not take the gesture. */
export const isTouched = () => isNarrow() || window.matchMedia('(pointer: coarse)').matches;

export const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const tooltipOf = (theme) => ({
  backgroundColor: theme.surface,
  borderColor: theme.line,
  padding: [8, 12],
  textStyle: { color: theme.ink, fontSize: 12.5, fontFamily },
  confine: true,
});

const escapeText = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const tooltipRow = (colour, label, value) =>
  `<div style="display:flex;gap:14px;justify-content:space-between"><span><span style="display:inline-block;width:9px;` +
  `height:9px;border-radius:5px;margin-right:7px;background:${colour}"></span>${escapeText(label)}</span>` +
  `<strong>${escapeText(value)}</strong></div>`;
