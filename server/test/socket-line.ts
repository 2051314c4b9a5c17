import { WebSocket } from 'ws';

interface Ears {
  /** A frame that answers nothing that was asked: `42[name, payload]`. */
  hear(frame: string): void;
  /** The line ended, or the server refused it. */
  ended(reason: string): void;
}

/**
 * Just enough of the Socket.IO protocol for a crowd of clients to be cheap beside the server they listen to: frames stay
 * text, and whoever hears them reads what he needs.
 */
export class SocketLine {
  readonly #address: string;
  readonly #headers: Record<string, string>;
  readonly #ears: Ears;
  readonly #waiting = new Map<number, (frame: string) => void>();
  #socket: WebSocket | undefined;
  #nextId = 0;

  constructor(url: string, headers: Record<string, string>, ears: Ears) {
    this.#address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    this.#headers = headers;
    this.#ears = ears;
  }

  /** Resolves when the server has let it in; a line that ended is connected anew. */
  async connect(): Promise<void> {
    this.#waiting.clear();
    const socket = new WebSocket(this.#address, { headers: this.#headers, perMessageDeflate: false });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      const end = (reason: string) => {
        reject(new Error(reason));
        this.#ears.ended(reason);
      };
      socket.on('error', reject);
      socket.on('close', (code) => end(`the server closed the connection (${code})`));
      socket.on('message', (data: Buffer) => this.#read(data.toString('utf8'), resolve, end));
    });
  }

  /** Asks, and answers the frame of the acknowledgement. */
  ask(name: string, payload: object): Promise<string> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket?.send(`42${id}${JSON.stringify([name, payload])}`);
    });
  }

  /** Ends it in good order, without a word to whoever listened. */
  close(): void {
    this.#forget()?.close();
  }

  /** Ends it as a cut cable does. */
  drop(): void {
    this.#forget()?.terminate();
  }

  #forget(): WebSocket | undefined {
    const socket = this.#socket;
    this.#waiting.clear();
    socket?.removeAllListeners();
    socket?.on('error', () => undefined);
    return socket;
  }

  #read(frame: string, connected: () => void, end: (reason: string) => void): void {
    if (frame.startsWith('42')) this.#ears.hear(frame);
    else if (frame.startsWith('43')) this.#answer(frame);
    else if (frame === '2') this.#socket?.send('3');
    else if (frame.startsWith('0')) this.#socket?.send('40');
    else if (frame.startsWith('40')) connected();
    else if (frame.startsWith('44')) {
      this.drop();
      end(`the server refused the connection: ${frame}`);
    }
  }

  #answer(frame: string): void {
    const id = Number(frame.slice(2, frame.indexOf('[')));
    this.#waiting.get(id)?.(frame);
    this.#waiting.delete(id);
  }
}

/** What an acknowledgement says. */
export function answerIn<Answer>(frame: string): Answer {
  const [answer] = JSON.parse(frame.slice(frame.indexOf('['))) as [Answer];
  return answer;
}
