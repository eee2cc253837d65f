import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '..', '..', 'src', 'client', 'bin.js');
const run = promisify(execFile);

/** Makes a Node believe that it is another one: an older one need not be at hand. */
const posingAs = (version: string): string =>
  `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;

describe("the package's bin", () => {
  it('hands over to the command line', async () => {
    const { stdout } = await run(process.execPath, [bin, '--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(['20.20.2', '22.18.0'])('says in one sentence what Node %s lacks', async (version) => {
    const failed = run(process.execPath, ['--import', posingAs(version), bin, '--help']);
    await expect(failed).rejects.toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^mastertrade needs Node 24 and this is ${version}: run .+\\.\\n$`)),
    });
  });
});
