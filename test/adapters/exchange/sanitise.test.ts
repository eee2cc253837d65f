import { describe, expect, it } from 'vitest';
import { sanitise } from '../../../src/adapters/exchange/sanitise.ts';

describe('what is shown of an error text', () => {
  it('names a page that came instead of an answer, and shows none of it', () => {
    const page = '503 Service Unavailable <!DOCTYPE html>\n<html><body><h1>Maintenance</h1></body></html>';
    expect(sanitise(page)).toBe('503 Service Unavailable a page instead of an answer');
    expect(sanitise('<html lang="en">x')).toBe('a page instead of an answer');
  });

  it('keeps what is no page, however it compares', () => {
    expect(sanitise('quantity < minQty')).toBe('quantity < minQty');
  });

  it('has no query, key or secret', () => {
    const text = sanitise('GET https://x.example/api?signature=abc&x=1 X-MBX-APIKEY: key1 s3cret', ['s3cret']);
    expect(text).toBe('GET https://x.example/api X-MBX-APIKEY: *** ***');
  });
});
