import type { RoomFile } from '@safesend/shared/files/file.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { formatMoney } from '#lib/format/money.ts';
import type { Side } from '#lib/money/side.ts';
import { m } from '#lib/paraglide/messages.js';
import type { FactEvent } from './timeline.ts';
import type { WorkWords } from './work-words.ts';

export interface FactWords {
  /** Who did it; null when the sentence stands by itself. */
  readonly actor: string | null;
  readonly text: string;
}

/** What a fact is told from, beside itself. */
export interface Telling {
  readonly kind: RoomKind;
  /** A milestone before the fact, where that is known. */
  readonly before: Milestone | null;
  /** Whom an invitation that ended was for, where that is known. */
  readonly invited: string | null;
  /** Of the reader: who was paid reads of himself. */
  readonly side: Side;
  /** What work and money are told with; null until it is fetched. */
  readonly work: WorkWords | null;
}

type NameOf = (userId: string | null) => string;

export function roleWord(role: RoomRole): string {
  return role === 'client' ? m.room_role_client() : m.room_role_freelancer();
}

/** What a fact says to a person, in one short sentence. */
export function factWords(event: FactEvent, nameOf: NameOf, { kind, before, invited, side, work }: Telling): FactWords {
  const by = (text: string): FactWords => ({ actor: nameOf(event.actorId), text });
  const plain = (text: string): FactWords => ({ actor: null, text });
  const money = work?.moneyWords(event, before, side);
  if (money) return money.hasActor ? by(money.text) : plain(money.text);
  switch (event.type) {
    case 'member.invited':
      return by(m.room_fact_invited({ label: event.data.label, role: roleWord(event.data.role) }));
    case 'invitation.resent':
      return by(m.room_fact_resent({ label: event.data.label }));
    case 'invitation.declined':
      return plain(invited === null ? m.room_fact_declined() : m.room_fact_declined_by({ label: invited }));
    case 'invitation.revoked':
      return by(invited === null ? m.room_fact_revoked() : m.room_fact_revoked_of({ label: invited }));
    case 'member.joined':
      // Of two people who talk directly nobody comes in.
      if (kind === 'direct') return plain(m.room_fact_direct());
      return { actor: event.data.displayName, text: m.room_fact_joined({ role: roleWord(event.data.role) }) };
    case 'member.left':
      return { actor: nameOf(event.data.userId), text: m.room_fact_left() };
    case 'member.removed':
      return by(m.room_fact_removed({ name: nameOf(event.data.userId) }));
    case 'member.changed':
      return plain(m.room_fact_member_changed({ name: event.data.displayName }));
    case 'project.created':
      return by(m.room_fact_created({ title: event.data.title }));
    case 'project.changed':
      return by(m.room_fact_changed());
    case 'project.activated':
      return plain(m.room_fact_activated());
    case 'project.completed':
      return by(m.room_fact_completed());
    case 'project.cancelled':
      return by(m.room_fact_cancelled());
    case 'project.deleted':
      return by(m.room_fact_deleted());
    case 'milestone.planned': {
      const { title, amountMinor, currency } = event.data;
      return by(m.room_fact_milestone_planned({ title, amount: formatMoney(amountMinor, currency) }));
    }
    case 'milestone.changed':
      return work ? by(work.milestoneChangeWords(event.data, before)) : plain(m.room_fact_other());
    case 'milestone.cancelled':
      return cancelledWords(event.data, before) ?? by(m.room_fact_milestone_cancelled({ title: event.data.title }));
    case 'file.dropped':
      return by(m.room_fact_file_dropped({ name: event.data.name }));
    case 'file.versioned':
      return by(versionWords(event.data));
    case 'file.removed':
      return by(removalWords(event.data));
    case 'direct.opened':
      return plain(m.room_fact_direct());
    case 'direct.closed':
      return plain(m.room_fact_direct_closed());
    case 'direct.reopened':
      return plain(m.room_fact_direct_reopened());
    default:
      // Facts of other kinds of room, those a newer server may know, and work whose words are not here yet: never a hole.
      return plain(m.room_fact_other());
  }
}

function versionWords({ name, current: { version, restoredFrom } }: RoomFile): string {
  if (restoredFrom === null) return m.room_fact_file_versioned({ name, version });
  return m.room_fact_file_restored({ name, version, from: restoredFrom });
}

function removalWords({ name, joinedInto }: RoomFile): string {
  return joinedInto === null ? m.room_fact_file_removed({ name }) : m.room_fact_file_joined({ name });
}

/** One that was paid for leaves the plan because both sides wanted it to: no line says that one of them took it out. */
function cancelledWords({ title, hold }: Milestone, before: Milestone | null): FactWords | null {
  const wasPlanned = before ? before.status === 'planned' : !hold?.fundedAt;
  return wasPlanned ? null : { actor: null, text: m.room_fact_milestone_ended({ title }) };
}
