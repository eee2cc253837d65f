import { expect, test } from 'vitest';
import { startChild } from '../../src/stack/child.ts';

const startScript = async (
  script: string,
): Promise<{ child: Awaited<ReturnType<typeof startChild>>; said: string[] }> => {
  const said: string[] = [];
  const ready = Promise.withResolvers<void>();
  const child = await startChild({
    name: 'script',
    command: process.execPath,
    args: ['-e', `${script}; console.log('ready')`],
    log: (line) => {
      said.push(line);
      if (line === 'ready') ready.resolve();
    },
  });
  await Promise.race([ready.promise, child.exited]);
  return { child, said };
};

test('a child that ends by itself tells its exit code and its last lines', async () => {
  const { child, said } = await startScript("console.error('why'); process.exitCode = 3");
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.running()).toBe(false);
  expect(said.toSorted()).toEqual(['ready', 'why']);
  expect([...child.lastLines()].toSorted()).toEqual(['ready', 'why']);
});

test('a child that does not heed its stop signal is killed after the grace period', async () => {
  const { child } = await startScript("process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000)");
  await child.stop(100);
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await child.stop();
});

test('a program that does not exist is an error', async () => {
  await expect(
    startChild({ name: 'nothing', command: '/no/such/program', args: [], log: () => undefined }),
  ).rejects.toMatchObject({ code: 'ENOENT' });
});
