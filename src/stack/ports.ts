import { createServer } from 'node:net';
import { DomainError } from '../domain/errors.ts';

const loopback = '127.0.0.1';

const listenOn = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: loopback, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });

const recentlyGiven = new Set<number>();

/** A TCP port on loopback that nothing listens on and that this process has not given out before. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = await listenOn(0);
    if (recentlyGiven.has(port)) continue;
    recentlyGiven.add(port);
    return port;
  }
};

/** True where nothing listens on this loopback port. */
export const isPortFree = (port: number): Promise<boolean> =>
  listenOn(port).then(
    () => true,
    () => false,
  );

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
