// The load generator: a process of its own, told what to do by the bench.
import { Crowd } from './crowd.ts';
import type { Order, Report } from './plan.ts';

let crowd: Crowd | undefined;

function say(report: Report): void {
  process.send?.(report);
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'join': {
      crowd = new Crowd(order.url, order.seats);
      await crowd.join();
      return say({ said: 'joined' });
    }
    case 'run': {
      if (!crowd) throw new Error('nobody has joined');
      const { phase, warmUpSeconds } = order;
      const figures = await crowd.run(
        phase,
        warmUpSeconds,
        () => say({ said: 'begun' }),
        () => say({ said: 'ended' }),
      );
      return say({ said: 'done', figures, ackedEver: crowd.ackedEver, faults: crowd.faults });
    }
    case 'leave': {
      crowd?.leave();
      crowd = undefined;
      return say({ said: 'left' });
    }
  }
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) =>
    say({ said: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
