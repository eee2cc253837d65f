import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { DomainError } from '../domain/errors.ts';

const loopback = '127.0.0.1';

/**
 * Where free ports are looked for: below those that systems give to outgoing connections (Linux from 32768 on, others from 49152), one
 * of which could take a port between the moment it is found and the one in which its server listens.
 */
const range = { from: 20_000, to: 32_000 } as const;

const listenOn = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: loopback, port, exclusive: true }, () => server.close(() => resolve()));
  });

const recentlyGiven = new Set<number>();

/** True where nothing listens on this loopback port. */
export const isPortFree = (port: number): Promise<boolean> =>
  listenOn(port).then(
    () => true,
    () => false,
  );

/** A TCP port on loopback that nothing listens on and that this process has not given out before. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(range.from, range.to);
    if (recentlyGiven.has(port) || !(await isPortFree(port))) continue;
    recentlyGiven.add(port);
    return port;
  }
};

/**
 * The port asked for, or a free one where none was.
 * @throws DomainError PortTaken when something else listens on the port asked for.
 */
export const claimPort = async (wanted: number | undefined, purpose: string): Promise<number> => {
  if (wanted === undefined || wanted === 0) return freePort();
  if (await isPortFree(wanted)) return wanted;
  throw new DomainError('PortTaken', `Port ${wanted} on ${loopback}, asked for by ${purpose}, is taken.`, {
    next: 'End the program that listens there, or choose another port.',
    details: { port: wanted, purpose },
  });
};

/** The first of the ports that is still free, else any free one: keeps addresses the same from one start to the next. */
export const preferPort = async (preferred: number | undefined): Promise<number> =>
  preferred !== undefined && (await isPortFree(preferred)) ? preferred : freePort();
