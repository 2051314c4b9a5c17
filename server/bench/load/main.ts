// The load generator: a process of its own, told what to do by the bench.
import { Crowd } from './crowd.ts';
import type { Command, Report } from './plan.ts';

let crowd: Crowd | undefined;

function say(report: Report): void {
  process.send?.(report);
}

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case 'join': {
      crowd = new Crowd(command.seats, command.order);
      await crowd.join();
      return say({ said: 'joined' });
    }
    case 'run': {
      const { phase, warmUpSeconds } = command;
      const figures = await present().run(
        phase,
        warmUpSeconds,
        () => say({ said: 'begun' }),
        () => say({ said: 'ended' }),
      );
      return say({ said: 'done', figures, ackedEver: present().ackedEver, faults: present().faults });
    }
    case 'post': {
      await present().post(command.each, command.window);
      return say({ said: 'posted', ackedEver: present().ackedEver, faults: present().faults });
    }
    case 'drop': {
      present().drop();
      return say({ said: 'dropped' });
    }
    case 'resume': {
      const resumed = await present().resume(command.missed);
      return say({ said: 'resumed', ...resumed, faults: present().faults });
    }
    case 'leave': {
      crowd?.leave();
      crowd = undefined;
      return say({ said: 'left' });
    }
  }
}

function present(): Crowd {
  if (!crowd) throw new Error('nobody has joined');
  return crowd;
}

process.on('message', (command: Command) => {
  obey(command).catch((error: unknown) =>
    say({ said: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
