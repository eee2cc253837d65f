import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignedNumbers, formatNumber, formatPeriod, formatReturn } from '../../../src/client/report/format.ts';
import { html, scriptCode, scriptJson, trusted } from '../../../src/client/report/html.ts';

describe('a template', () => {
  it('escapes text between tags and in attributes, and nothing twice', () => {
    const name = `<script>alert("&'")</script>`;
    const inner = html`<b title="${name}">${name}</b>`;
    expect(html`<p>${inner}</p>`.markup).toBe(
      '<p><b title="&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;">' +
        '&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;</b></p>',
    );
  });

  it('joins lists, and leaves out null and false', () => {
    expect(html`${[html`<i>1</i>`, 2, '<']}${null}${false}`.markup).toBe('<i>1</i>2&lt;');
    expect(html`${trusted('<hr>')}`.markup).toBe('<hr>');
  });

  it('never lets text open a tag', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(html`${text}`.markup).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe('what stands in a script', () => {
  it('is JSON that gives the same value and cannot end the element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('</script>', '<!--', '<script'), (value, text) => {
        const { markup } = scriptJson({ value, text });
        expect(markup).not.toContain('<');
        expect(JSON.parse(markup)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }),
    );
  });

  it('is code in which no string ends the element', () => {
    const { markup } = scriptCode(`'</script>' + "</SCRIPT>" + '<!--'`);
    expect(markup).not.toMatch(/<\/script|<!--/i);
    // eslint-disable-next-line no-eval
    expect((0, eval)(markup)).toBe('</script></SCRIPT><!--');
  });
});

describe('numbers', () => {
  it('are separated by thousands, have a true minus, and are a dash where there are none', () => {
    expect(formatNumber(-1_234_567.891)).toBe('−1,234,567.89');
    expect(formatNumber(-0.001)).toBe('0.00');
    expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => formatNumber(value))).toEqual(
      Array.from({ length: 4 }, () => '–'),
    );
  });

  it('of returns carry a sign', () => {
    expect([12.345, -3, 0, 0.0001, null].map((value) => formatReturn(value))).toEqual([
      '+12.35%',
      '−3.00%',
      '0.00%',
      '0.00%',
      '–',
    ]);
  });

  it('below each other have as many digits after the point as the greatest needs', () => {
    const shown = (values: readonly number[]): string[] => values.map(alignedNumbers(values));
    expect(shown([46_319, 38_462.5])).toEqual(['46,319.00', '38,462.50']);
    expect(shown([0.00001234, 0.0000099])).toEqual(['0.00001234', '0.00000990']);
    expect(shown([1.5, 12.25])).toEqual(['1.50000', '12.25000']);
    expect(shown([0])).toEqual(['0.000000']);
  });

  it('of days name a year once', () => {
    expect(formatPeriod('2024-01-07T00:00:00Z', '2024-06-02T00:00:00Z')).toBe('7 Jan – 2 Jun 2024');
    expect(formatPeriod('2024-01-07T00:00:00Z', '2024-01-07T09:00:00Z')).toBe('7 Jan 2024');
    expect(formatPeriod('2023-01-07T00:00:00Z', '2024-06-02T00:00:00Z')).toBe('7 Jan 2023 – 2 Jun 2024');
  });
});
