import { EventEmitter } from 'node:events';

interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number;
}

const [connect, disconnect, event, acknowledgement, refusal] = [0, 1, 2, 3, 4];

/** Names that belong to Socket.IO itself: nobody may send an event under one of them. */
const reserved = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

/**
 * The text form of Socket.IO's packets, as every client writes and reads it. Nothing here is ever sent in parts, so no packet
 * is searched for bytes: that search walked through every fact of every frame and cost more than spelling it.
 */
class TextEncoder {
  encode({ type, nsp, id, data }: Packet): string[] {
    const namespace = nsp === '/' ? '' : `${nsp},`;
    return [`${type}${namespace}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`];
  }
}

/** `<type>[<namespace>,][<id>][<JSON>]`; parts (types 5 and 6) do not exist here. */
const form = /^([0-4])(?:(\/[^,]*),)?(\d{1,15})?/;

class TextDecoder extends EventEmitter<{ decoded: [Packet] }> {
  /** Throws at what is no packet; the connection is closed then. */
  add(text: unknown): void {
    const found = typeof text === 'string' ? form.exec(text) : null;
    if (typeof text !== 'string' || !found) throw new Error('not a packet');
    const [start, type, nsp = '/', id] = found;
    const json = text.slice(start.length);
    const data: unknown = json === '' ? undefined : JSON.parse(json);
    if (!isPayload(Number(type), data)) throw new Error('not the payload of such a packet');
    const packet = { type: Number(type), nsp, ...(id !== undefined && { id: Number(id) }) };
    this.emit('decoded', data === undefined ? packet : { ...packet, data });
  }

  destroy(): void {
    this.removeAllListeners();
  }
}

function isPayload(type: number, data: unknown): boolean {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  if (type === connect) return data === undefined || isObject;
  if (type === disconnect) return data === undefined;
  if (type === refusal) return typeof data === 'string' || isObject;
  if (!Array.isArray(data)) return false;
  const [name] = data as unknown[];
  return type === acknowledgement || (type === event && typeof name === 'string' && !reserved.has(name));
}

export const textParser = { Encoder: TextEncoder, Decoder: TextDecoder };
