// One room with very many people, of whom twenty write.
import { median, type Figure } from '../figure.ts';
import { checkKept, measureTurn, type PhaseResult } from '../measure.ts';
import { startBare, startProduct } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const people = { whole: 2_000, quick: 400 };
const senders = 20;

export const hall: Topic = {
  name: 'hall',
  async measure(stage, { quick, rounds, seconds }) {
    const members = quick ? people.quick : people.whole;
    const size = { rooms: 1, members, senders };
    const product = await startProduct(stage, size);
    const bare = await startBare(stage, size);
    const counts = { product: { acked: 0 }, bare: { acked: 0 } };
    const phases = { full: { kind: 'closed', seconds, window: 1 } } as const;
    try {
      const results = await inTurns(rounds, {
        product: () => measureTurn(stage, product, phases, counts.product),
        bare: () => measureTurn(stage, bare, phases, counts.bare),
      });
      await checkKept(product, counts.product);
      const compare = (pick: (result: PhaseResult) => number) => ({
        product: median(results.product.map(({ full }) => pick(full))),
        yardstick: { name: bare.title, value: median(results.bare.map(({ full }) => pick(full))) },
      });
      const what = `deliveries, one room of ${members.toLocaleString('en')} people, ${senders} writing`;
      return [
        {
          ...{ id: 'hall', what, unit: 'per second', goal: { atLeast: 1.5 } },
          ...compare(({ deliveries, seconds: length }) => deliveries / length),
        },
        {
          ...{ id: 'hall.screen', what: '– send → screen p99', unit: 'milliseconds', goal: null },
          ...compare(({ screenMs }) => screenMs.p99),
        },
      ] satisfies Figure[];
    } finally {
      await stage.end(...product.servers, ...bare.servers);
    }
  },
};
