import { expect, test } from 'vitest';
import { startChild } from '../../src/stack/child.ts';
import { startReadyChild } from '../../src/stack/ready-child.ts';

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

test('a program of ours is ready when it says so on a line of JSON, whatever it prints before', async () => {
  const script = `console.log('loading'); console.log('{"other":1}'); console.log('{"url":"http://here"}')`;
  const args = ['-e', `${script}; setInterval(() => undefined, 1000)`];
  const { child, ready } = await startReadyChild({ name: 'simulator', args, readyKey: 'url', log: () => undefined });
  expect(ready).toEqual({ url: 'http://here' });
  expect(child.running()).toBe(true);
  await child.stop();
});

test('a program of ours that ends before it is ready is an error with what it said', async () => {
  const args = ['-e', "console.error('no database'); process.exitCode = 1"];
  await expect(
    startReadyChild({ name: 'worker', args, readyKey: 'ready', log: () => undefined }),
  ).rejects.toMatchObject({
    name: 'StackNotRunning',
    message: 'The worker ended before it was ready. It said: no database',
  });
});
