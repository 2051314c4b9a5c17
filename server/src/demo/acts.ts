import { defaultFeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { findSight } from '../kernel/reading.ts';
import { markRead as markNotificationsRead, readWithRoom } from '../modules/notifications/service.ts';
import { acceptInvitation } from '../modules/projects/service/answers.ts';
import { invite } from '../modules/projects/service/invitations.ts';
import { cancelMilestone } from '../modules/projects/service/ending.ts';
import { changeMilestone, planMilestone } from '../modules/projects/service/milestones.ts';
import { cancelProject, completeProject, createProject } from '../modules/projects/service/projects.ts';
import { openDirect } from '../modules/rooms/service/direct.ts';
import { markingRead } from '../modules/rooms/service/marks.ts';
import * as messages from '../modules/rooms/service/messages.ts';
import type { Paper } from './papers.ts';
import { people, type PersonName } from './people.ts';
import type { Act } from './stage.ts';

interface Plan {
  readonly title: string;
  readonly amountMinor: number;
  readonly criteria: string;
  /** Due in so many days, at the end of a working day. */
  readonly dueIn: number;
}

interface ProjectPlan {
  readonly title: string;
  readonly description: string;
  readonly currency: Currency;
}

export function starts(by: PersonName, project: ProjectPlan): Act {
  return async (stage, step) => {
    const made = await stage.once(
      by,
      step,
      (tx) => createProject(tx, defaultFeeTerms, project),
      ({ result: { id, roomId } }) => ({ id, roomId }),
    );
    stage.projectId = made.id;
    stage.roomId = made.roomId;
  };
}

export function plans(by: PersonName, { dueIn, ...milestone }: Plan): Act {
  return async (stage, step) => {
    const id = await stage.once(
      by,
      step,
      (tx) => planMilestone(tx, stage.projectId, { ...milestone, dueAt: inDays(tx.now, dueIn) }),
      ({ result }) => result.id,
    );
    stage.milestones.set(milestone.title, id);
  };
}

export function reschedules(by: PersonName, title: string, dueIn: number): Act {
  return async (stage, step) => {
    const id = stage.milestones.get(title) ?? '';
    await stage.once(by, step, (tx) => changeMilestone(tx, id, { dueAt: inDays(tx.now, dueIn) }), nothing);
  };
}

export function drops(by: PersonName, title: string): Act {
  return async (stage, step) => {
    await stage.once(by, step, (tx) => cancelMilestone(tx, stage.milestones.get(title) ?? '', undefined), nothing);
  };
}

export function invites(by: PersonName, whom: PersonName | { readonly email: string }): Act {
  return async (stage, step) => {
    const name = typeof whom === 'string' ? whom : whom.email;
    const addressee = typeof whom === 'string' ? { username: people[whom].username } : whom;
    const id = await stage.once(
      by,
      step,
      (tx) => invite(tx, stage.projectId, { ...addressee, role: 'freelancer' }, stage.theatre.origin),
      ({ result }) => result.invitation.id,
    );
    stage.invitations.set(name, id);
  };
}

export function accepts(by: PersonName): Act {
  return async (stage, step) => {
    await stage.once(by, step, (tx) => acceptInvitation(tx, stage.invitations.get(by) ?? '', undefined), nothing);
  };
}

export function completes(by: PersonName): Act {
  return async (stage, step) =>
    void (await stage.once(by, step, (tx) => completeProject(tx, stage.projectId), nothing));
}

export function cancels(by: PersonName): Act {
  return async (stage, step) => void (await stage.once(by, step, (tx) => cancelProject(tx, stage.projectId), nothing));
}

export function talksTo(by: PersonName, other: PersonName): Act {
  return async (stage, step) => {
    const open = (outcome: { readonly result: { readonly roomId: string } }) => outcome.result.roomId;
    stage.roomId = await stage.once(by, step, (tx) => openDirect(tx, people[other].username), open);
  };
}

/** `as` names the message for acts that come back to it; `to` is the message it replies to. */
export function says(
  by: PersonName,
  body: string,
  { as, to }: { readonly as?: string; readonly to?: string } = {},
): Act {
  return async (stage, step) => {
    const replyTo = to === undefined ? null : stage.recall(to).id;
    const said = await stage.once(
      by,
      step,
      (tx) => messages.postMessage(tx, stage.roomId, { body, replyTo }),
      ({ result, events }) => ({ id: result.id, seq: events[0]?.seq ?? 0 }),
    );
    if (as !== undefined) stage.remember(as, said);
  };
}

/** Shows a file with a message. */
export function sends(by: PersonName, paper: Paper, body: string): Act {
  return async (stage, step) => {
    const { fileId, version } = await stage.drop(by, step, paper);
    const message = { body, replyTo: null, files: [{ fileId, version }] };
    await stage.once(by, step, (tx) => messages.postMessage(tx, stage.roomId, message), nothing);
  };
}

export function corrects(by: PersonName, name: string, body: string): Act {
  return async (stage, step) => {
    await stage.once(by, step, (tx) => messages.editMessage(tx, stage.roomId, stage.recall(name).id, body), nothing);
  };
}

export function takesBack(by: PersonName, name: string): Act {
  return async (stage, step) => {
    await stage.once(by, step, (tx) => messages.deleteMessage(tx, stage.roomId, stage.recall(name).id), nothing);
  };
}

export function reacts(by: PersonName, emoji: string, to: string): Act {
  return async (stage, step) => {
    await stage.once(by, step, (tx) => messages.addReaction(tx, stage.roomId, stage.recall(to).id, emoji), nothing);
  };
}

/** Has read up to a message, or everything so far. */
export function reads(by: PersonName, upTo?: string): Act {
  return async (stage) => {
    const { em, roomId } = stage;
    const userId = people[by].id;
    const seq = upTo === undefined ? (await findSight(em, roomId, userId)).headSeq : stage.recall(upTo).seq;
    await markingRead(stage.theatre.orm, stage.theatre.transact, readWithRoom)({ roomId, userId, seq }, true);
  };
}

export function clearsNotifications(by: PersonName): Act {
  return async (stage, step) => void (await stage.once(by, step, (tx) => markNotificationsRead(tx, 'all'), nothing));
}

function inDays(now: Date, days: number): string {
  const due = new Date(now);
  due.setUTCDate(due.getUTCDate() + days);
  due.setUTCHours(16, 0, 0, 0);
  return due.toISOString();
}

function nothing(): null {
  return null;
}
