import type { FailureCode } from '@safesend/shared/failure.ts';

/**
 * Who asks. The project is an active one of a client (`owner`) with a freelancer (`party`, the other money party), one
 * more client (`member`), somebody who is invited and has not answered, and somebody who was removed. Both tokens are
 * the owner's: one with the scope `read`, one with `read` and `write`.
 */
export const actors = [
  'anonymous',
  'stranger',
  'invitee',
  'removed',
  'member',
  'party',
  'owner',
  'readToken',
  'writeToken',
] as const;
export type Actor = (typeof actors)[number];

export const projectStates = ['draft', 'active', 'completed', 'cancelled', 'deleted'] as const;
export type ProjectState = (typeof projectStates)[number];

/** What the ids in a path or payload name. Things of `nothing` are the caller's own, whoever he is in a project. */
export type Subject =
  | 'nothing'
  | 'session'
  | 'apiToken'
  | 'passkey'
  | 'upload'
  | 'person'
  | 'project'
  | 'room'
  | 'message'
  | 'file'
  | 'shareLink'
  | 'milestone'
  | 'invitation';

export type Verdict = 'ok' | FailureCode;
export type Verdicts = Readonly<Record<Actor, Verdict>>;

export interface Rule {
  /** An HTTP method with its path, or a socket event. */
  readonly door: string;
  readonly subject: Subject;
  /** In an active project; a door that has two meanings says which one by `when`. */
  readonly verdicts: Verdicts;
  /** Tokens need the scope `money`; neither of the owner's has it. */
  readonly scope?: 'money';
  readonly when?: string;
  readonly inState?: Partial<Record<ProjectState, Partial<Verdicts>>>;
}

export type Shorthand = readonly [door: string, verdicts: Verdicts, inState?: Rule['inState'], when?: string];
export const about = (subject: Subject, ...rules: readonly Shorthand[]): Rule[] =>
  rules.map(([door, verdicts, inState, when]) => ({
    subject,
    door: /^[A-Z]/.test(door) ? door.replace(' ', ' /api/v1') : door,
    verdicts,
    ...(inState && { inState }),
    ...(when && { when }),
  }));

/** What this actor gets for something of the project he stands in, in this state of it. */
export function verdictOn({ verdicts, inState }: Rule, actor: Actor, state: ProjectState = 'active'): Verdict {
  return inState?.[state]?.[actor] ?? verdicts[actor];
}

/** What he gets for something of a project he has nothing to do with, and for something that does not exist: the same. */
export function verdictElsewhere({ verdicts, scope }: Rule, actor: Actor): Verdict {
  const needsBrowser = scope === 'money' || (verdicts.writeToken === 'forbidden' && verdicts.owner === 'ok');
  const isRefusedAtOnce = actor === 'anonymous' || actor === 'readToken' || (actor === 'writeToken' && needsBrowser);
  return isRefusedAtOnce && verdicts[actor] !== 'ok' ? verdicts[actor] : 'missing';
}
