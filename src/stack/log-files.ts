import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LineLog } from './child.ts';

const rotateAboveBytes = 10_000_000;

export type LogFile = Readonly<{ file: string; log: LineLog; close(): Promise<void> }>;

/** Opens `<folder>/<name>.log` to append to; one larger than 10 MB becomes `<name>.log.1` first. */
export const openLogFile = async (folder: string, name: string): Promise<LogFile> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${name}.log`);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > rotateAboveBytes) await rename(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    file,
    log: (line) => void (stream.writable && stream.write(`${line}\n`)),
    close: () => new Promise((resolve) => void stream.end(resolve)),
  };
};
