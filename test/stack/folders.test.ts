import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder, isRoot, stateFolder } from '../../src/stack/folders.ts';

test('the state folder is the one named, else in the data folder', () => {
  expect(stateFolder({ MASTERTRADE_HOME: '/srv/state', XDG_DATA_HOME: '/data' })).toBe('/srv/state');
  expect(stateFolder({ XDG_DATA_HOME: '/data' })).toBe('/data/mastertrade');
});

test.runIf(process.platform === 'linux')(
  'root gets a state folder that PostgreSQL, run as another user, can enter',
  () => {
    expect(stateFolder({})).toBe(isRoot() ? '/var/lib/mastertrade' : join(homedir(), '.local/share/mastertrade'));
  },
);

test('the cache folder is the one named, else in the cache folder of the user', () => {
  expect(cacheFolder({ MASTERTRADE_CACHE: '/srv/cache', XDG_CACHE_HOME: '/cache' })).toBe('/srv/cache');
  expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/mastertrade');
  expect(cacheFolder({})).toBe(join(homedir(), '.cache/mastertrade'));
});
