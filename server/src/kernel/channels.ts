import type { ToClient, ToServer } from '@safesend/shared/socket.ts';
import type { Server, Socket } from 'socket.io';
import type { Commit } from './append.ts';
import type { Identity } from './identity.ts';

/** What processes tell each other. */
export interface BetweenServers {
  commits: (commits: readonly Commit[]) => void;
  credentialsEnded: (keys: readonly string[]) => void;
}
export interface SocketData {
  identity: Identity;
  address: string;
}
export type Io = Server<ToServer, ToClient, BetweenServers, SocketData>;
export type Client = Socket<ToServer, ToClient, BetweenServers, SocketData>;

/** Every socket of a person. */
export const userChannel = (userId: string) => `user:${userId}`;
/** The sockets of one person that joined one room: facts are addressed to people, never to "whoever sits there". */
export const seatChannel = (roomId: string, userId: string) => `seat:${roomId}:${userId}`;
