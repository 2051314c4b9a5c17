import { readdir, readFile } from 'node:fs/promises';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** How much of a server's working time went into sealing facts: salt, canonical form, both hashes. */
export function chainShareOf(profile: object): number {
  const { nodes = [], samples = [], timeDeltas = [] } = profile as Partial<CpuProfile>;
  const self = new Map<number, number>();
  samples.forEach((id, at) => self.set(id, (self.get(id) ?? 0) + (timeDeltas[at] ?? 0)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const whole = (node: ProfileNode): number =>
    (node.children ?? []).reduce((sum, id) => sum + whole(byId.get(id) as ProfileNode), self.get(node.id) ?? 0);
  const isSeal = ({ callFrame }: ProfileNode) =>
    callFrame.functionName === 'seal' && callFrame.url.endsWith('/kernel/chain.ts');
  const isIdle = ({ callFrame }: ProfileNode) => callFrame.functionName === '(idle)';
  const sealing = nodes.filter(isSeal).reduce((sum, node) => sum + whole(node), 0);
  const working = nodes.filter((node) => !isIdle(node)).reduce((sum, { id }) => sum + (self.get(id) ?? 0), 0);
  return working > 0 ? sealing / working : 0;
}

const ticksPerSecond = 100;

/** CPU seconds that a process and its children have used, ended children included. Null where there is no `/proc`. */
export async function cpuOfFamily(parent: number): Promise<number | null> {
  const own = await ticksOf(parent);
  if (!own) return null;
  let ticks = own.self + own.ended;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const child = await ticksOf(Number(entry));
    if (child?.parent === parent) ticks += child.self;
  }
  return ticks / ticksPerSecond;
}

async function ticksOf(pid: number): Promise<{ parent: number; self: number; ended: number } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name in brackets may hold spaces: fields are counted behind it, the first is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
  return { parent: parent ?? 0, self: (user ?? 0) + (system ?? 0), ended: (endedUser ?? 0) + (endedSystem ?? 0) };
}
