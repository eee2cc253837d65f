import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimPort, freePort, isPortFree, preferPort } from '../../src/stack/ports.ts';

let occupant: Server;
let takenPort: number;

beforeEach(async () => {
  occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  takenPort = (occupant.address() as { port: number }).port;
});

afterEach(() => new Promise((resolve) => void occupant.close(resolve)));

test('never gives the same free port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
});

test('a taken port that was asked for is an error that names the port and who wanted it', async () => {
  expect(await isPortFree(takenPort)).toBe(false);
  await expect(claimPort(takenPort, 'the Temporal Web UI')).rejects.toMatchObject({
    name: 'PortTaken',
    message: `Port ${takenPort} on 127.0.0.1, asked for by the Temporal Web UI, is taken.`,
    details: { port: takenPort },
  });
});

test('a port that is only preferred gives way to a free one', async () => {
  const port = await preferPort(takenPort);
  expect(port).not.toBe(takenPort);
  expect(await preferPort(port)).toBe(port);
});
