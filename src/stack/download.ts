import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runToEnd } from './child.ts';

const connectTimeoutMs = 8_000;
const transferTimeoutMs = 300_000;

/** This machine as temporal.download names it. */
export const platformQuery = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `platform=${platform}&arch=${arch}&format=tar.gz`;
};

/**
 * Downloads a file. Gives up after 8 s without an answer, 5 minutes in all: many machines cannot reach the outside.
 * @throws Error naming the host when it cannot be reached or answers with anything but success.
 */
export const download = async (url: string, file: string): Promise<string> => {
  const { host } = new URL(url);
  const giveUp = new AbortController();
  const noAnswer = setTimeout(() => giveUp.abort(), connectTimeoutMs);
  const response = await fetch(url, {
    signal: AbortSignal.any([giveUp.signal, AbortSignal.timeout(transferTimeoutMs)]),
  })
    .catch((cause: unknown) => {
      throw new Error(`${host} cannot be reached`, { cause });
    })
    .finally(() => clearTimeout(noAnswer));
  if (!response.ok || response.body === null) throw new Error(`${host} answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  return file;
};

/** Unpacks a .tar.gz with the system's tar, which every platform the binaries exist for has. */
export const unpack = async (archive: string, folder: string): Promise<void> => {
  const { code, output } = await runToEnd({ name: 'tar', command: 'tar', args: ['-xzf', archive, '-C', folder] });
  if (code !== 0) throw new Error(`the archive cannot be unpacked: ${output.slice(-200)}`);
};

/** The first file of that name below a folder; undefined where there is none. */
export const findFile = async (folder: string, name: string): Promise<string | undefined> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  return found && join(found.parentPath, found.name);
};
