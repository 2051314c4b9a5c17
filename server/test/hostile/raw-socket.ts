import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Frame {
  readonly opcode?: number;
  readonly final?: boolean;
  readonly reserved?: boolean;
  readonly masked?: boolean;
  /** What the header claims, when that is to be a lie. */
  readonly claimedLength?: number;
}

/** The bytes of one WebSocket frame (RFC 6455), well made or not. */
export function frame(
  payload: Buffer | string,
  { opcode = 1, final = true, reserved = false, masked = true, claimedLength }: Frame = {},
): Buffer {
  const data = Buffer.from(payload);
  const length = claimedLength ?? data.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (final ? 0x80 : 0) | (reserved ? 0x40 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, data]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, data.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

/** A client that speaks WebSocket by hand and believes nothing about it. */
export class RawSocket {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  /** The server ended it: with a close frame, or by cutting the line. */
  readonly closed: Promise<void>;
  #isClosed = false;
  /** What the close frame gave as its reason. */
  closeCode: number | null = null;
  /** The texts that came so far. */
  readonly texts: string[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = once(socket, 'close').then(() => void (this.#isClosed = true));
    // Being cut off is what most of these tests wait for.
    socket.on('error', () => undefined);
  }

  /** After the HTTP handshake; `headers` are sent as they are. */
  static async open(port: number, headers: Readonly<Record<string, string>>): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const raw = new RawSocket(socket);
    const lines = Object.entries({
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`);
    socket.write(['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', ...lines, '', ''].join('\r\n'));
    await raw.#handshake();
    return raw;
  }

  /** And after the Socket.IO one. */
  static async introduced(port: number, cookie: string): Promise<RawSocket> {
    const raw = await RawSocket.open(port, { Origin: `http://127.0.0.1:${port}`, Cookie: cookie });
    raw.send('40');
    await raw.waitFor('40{');
    return raw;
  }

  send(text: string): void {
    this.write(frame(text));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  /** A text that begins like this. */
  async waitFor(beginning: string): Promise<void> {
    while (!this.texts.some((text) => text.startsWith(beginning))) {
      if (this.#isClosed) throw new Error(`closed before ${beginning} came: ${this.texts.join()}`);
      await Promise.race([once(this.#socket, 'data'), this.closed]);
    }
  }

  async #handshake(): Promise<void> {
    let head = '';
    while (!head.includes('\r\n\r\n')) {
      const [data] = (await once(this.#socket, 'data')) as [Buffer];
      head += data.toString('latin1');
    }
    this.#socket.on('data', (data) => this.#read(data));
    this.#read(Buffer.from(head.slice(head.indexOf('\r\n\r\n') + 4), 'latin1'));
  }

  /** The server's frames are never masked and never in parts. */
  #read(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const short = (this.#received[1] ?? 0) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.#received.length < start) return;
      const length =
        short < 126
          ? short
          : short === 126
            ? this.#received.readUInt16BE(2)
            : Number(this.#received.readBigUInt64BE(2));
      if (this.#received.length < start + length) return;
      const payload = this.#received.subarray(start, start + length);
      if ((this.#received[0] ?? 0) === 0x88) this.#bow(payload);
      else this.texts.push(payload.toString());
      this.#received = this.#received.subarray(start + length);
    }
  }

  #bow(payload: Buffer): void {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : null;
    this.write(frame(payload, { opcode: 8 }));
    this.end();
  }
}
