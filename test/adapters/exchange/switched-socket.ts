import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay before a server, which a test can turn into one that resets every connection, or no longer listens. */
export interface SwitchedSocket {
  readonly url: string;
  resetFromNowOn(): void;
  close(): Promise<void>;
}

export const startSwitchedSocket = async (target: string): Promise<SwitchedSocket> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let resets = false;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const server = createServer((client) => {
    track(client);
    if (resets) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    track(upstream);
    client.pipe(upstream).pipe(client);
  });
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resetFromNowOn: () => {
      resets = true;
      drop();
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        drop();
      }),
  };
};
