import { describe, expect, it } from 'vitest';
import { followsText, tellBreakers } from '../../../src/client/tell-breaker.ts';
import { loadConfig } from '../../../src/config.ts';

describe('what was not told', () => {
  it('is found, never thrown', async () => {
    const config = loadConfig({ MASTERTRADE_HOME: '/nonexistent' });
    expect(await tellBreakers(config, ['live'])).toEqual({
      temporal: 'unreachable',
      note: 'no Temporal server is configured and no embedded stack is running',
    });
  });

  it('follows, and when that is depends on what is missing', () => {
    expect(followsText({ temporal: 'told', note: '' }, 'it is done')).toBe('');
    expect(followsText({ temporal: 'no worker', note: 'no worker runs' }, 'it is done')).toBe(
      'no worker runs: it is done as soon as a worker runs',
    );
    expect(followsText({ temporal: 'unreachable', note: 'gone' }, 'it is done')).toBe(
      'gone: it is done once Temporal and a worker are back, within 15 minutes of that',
    );
  });
});
