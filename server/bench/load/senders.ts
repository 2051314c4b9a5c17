// Those who send files while others talk: a process of its own, which gives way to everything that is measured. In truth they are on other machines.
import { constants, setPriority } from 'node:os';
import { sendForm, sendUpload, sent, type Sender, type Sending } from './sending.ts';

export interface SendOrder {
  readonly kind: 'tus' | 'form';
  readonly sending: Sending;
  /** One upload for each at a time; who has ended begins again. */
  readonly senders: readonly Sender[];
}

export type SendReport =
  | {
      readonly said: 'sent';
      /** Until they were told to stop; then they end what they have begun. */
      readonly bytesPerSecond: number;
      readonly files: number;
      readonly slowestSeconds: number;
    }
  | { readonly said: 'failed'; readonly reason: string };

setPriority(constants.priority.PRIORITY_LOW);
const stopped = Promise.withResolvers<void>();

async function sendAll({ kind, sending, senders }: SendOrder): Promise<SendReport> {
  const begun = performance.now();
  const rate = stopped.promise.then(() => sent.bytes / ((performance.now() - begun) / 1_000));
  let isOver = false;
  void rate.then(() => (isOver = true));
  let [files, slowestSeconds] = [0, 0];
  const keepSending = async (sender: Sender, at: number) => {
    // The first file of each is of another size, so that they do not all end at once.
    let size = Math.ceil((sending.size * (at + 1)) / senders.length);
    for (; !isOver; size = sending.size) {
      const since = performance.now();
      await (kind === 'tus' ? sendUpload({ ...sending, size }, sender) : sendForm({ ...sending, size }));
      files++;
      slowestSeconds = Math.max(slowestSeconds, (performance.now() - since) / 1_000);
    }
  };
  await Promise.all(senders.map(keepSending));
  return { said: 'sent', files, slowestSeconds, bytesPerSecond: await rate };
}

process.on('message', (order: SendOrder | 'stop') => {
  if (order === 'stop') return stopped.resolve();
  void sendAll(order)
    .catch((error: unknown): SendReport => ({ said: 'failed', reason: String(error) }))
    .then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));
