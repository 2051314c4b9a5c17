import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Io } from './channels.ts';

/** Sockets are closed, requests in flight end, then the port; a peer that does not read is not waited for. */
export async function closeServer(server: Server, io: Io, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  io.local.disconnectSockets(true);
  const ended = io.close();
  server.closeIdleConnections();
  setTimeout(() => connections.forEach((connection) => connection.destroy()), 3_000).unref();
  await Promise.all([ended, closed]);
}

export function trackConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return connections;
}
