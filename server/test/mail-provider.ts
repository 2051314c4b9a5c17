import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

interface Delivery {
  readonly to: string;
  readonly id: string;
}

/** A mail provider and its moods. What it took is delivered; what it cut off may be too, for all it knows. */
export class Provider {
  mood: 'busy' | 'cuts off' | 'takes' = 'takes';
  readonly taken: Delivery[] = [];
  readonly cut: Delivery[] = [];
  readonly #server: SMTPServer;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      onRcptTo: ({ address }, _session, answer) =>
        answer(/^nobody-/.test(address) ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, session, answer) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          void PostalMime.parse(Buffer.concat(chunks)).then(({ messageId: id = '' }) => {
            const to = session.envelope.rcptTo[0]?.address ?? '';
            if (this.mood === 'busy') return answer(Object.assign(new Error('try later'), { responseCode: 451 }));
            if (this.mood === 'takes') this.taken.push({ to, id });
            if (this.mood === 'takes') return answer();
            this.cut.push({ to, id });
            // The answer is lost on the way.
            for (const connection of this.#server.connections) (connection as Ended).close();
          });
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  static async open(port = 0): Promise<Provider> {
    const provider = new Provider();
    await new Promise<void>((resolve) => provider.#server.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => provider.#server.close(() => resolve())));
    return provider;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }
}
interface Ended {
  close(): void;
}
