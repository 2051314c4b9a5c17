import { defaultFeeTerms } from '@safesend/shared/escrow/fees.ts';
import { newId } from '@safesend/shared/ids.ts';
import { startApp, type App } from '../src/app.ts';
import { readEnv } from '../src/kernel/env.ts';
import { createLog } from '../src/kernel/log.ts';
import { openAccount } from '../src/modules/accounts/service/registration.ts';
import { startSession } from '../src/modules/accounts/service/sessions.ts';
import { createProject } from '../src/modules/projects/service/projects.ts';

interface Employee {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly cookie: string;
}

export interface Size {
  readonly rooms: number;
  readonly members: number;
  /** Of each room. */
  readonly senders: number;
}

/** A member of a room, with a session. */
export interface Place {
  readonly roomId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly cookie: string;
  readonly sends: boolean;
}

const peopleAtOnce = 6;

/** Puts people with sessions into project rooms, by the product's verbs, and says where everybody sits. */
export async function gatherCompany(databaseUrl: string, dataDir: string, size: Size): Promise<Place[]> {
  const env = readEnv({
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: '0',
    ROLES: 'web',
    SAFESEND_DATA_DIR: dataDir,
  });
  const app = await startApp({ env, log: createLog({ level: 'silent', pretty: false }), databaseUrl });
  try {
    const places: Place[] = [];
    for (let room = 0; room < size.rooms; room++) {
      const people = await employ(app, room, size.members);
      const project = await seatTogether(app, people, room);
      people.forEach(({ userId, cookie }, place) =>
        places.push({ ...project, userId, cookie, sends: place < size.senders }),
      );
    }
    return places;
  } finally {
    await app.close();
  }
}

async function employ(app: App, room: number, count: number): Promise<Employee[]> {
  const places = Array.from({ length: count }, (_, place) => place);
  const people: Employee[] = [];
  while (places.length > 0) {
    const group = places.splice(0, peopleAtOnce);
    people.push(...(await Promise.all(group.map((place) => hire(app, `person-${room}-${place}`)))));
  }
  return people;
}

async function hire(app: App, username: string): Promise<Employee> {
  const userId = newId();
  const displayName = username.replaceAll('-', ' ');
  const { result } = await app.transact({ id: userId }, async (tx) => {
    const role = username.endsWith('-0') ? 'client' : 'freelancer';
    const person = { email: `${username}@bench.example`, username, displayName, role, passwordHash: null } as const;
    const { user } = await openAccount(tx, person);
    return startSession(tx, user, 'bench');
  });
  return { userId, username, displayName, cookie: `safesend_session=${result}` };
}

async function seatTogether(app: App, [owner, ...others]: readonly Employee[], room: number) {
  if (!owner) throw new Error('a room needs people');
  const { result } = await app.transact({ id: owner.userId }, async (tx) => {
    const project = await createProject(tx, defaultFeeTerms, {
      ...{ title: `Room ${room}`, description: '', currency: 'EUR' as const },
    });
    for (const { userId, username, displayName } of others) {
      const data = { userId, username, displayName, role: 'freelancer', invitationId: null } as const;
      const member = { userId, role: 'freelancer', history: 'whole' } as const;
      tx.admit(project.roomId, member, { type: 'member.joined', data });
    }
    return { roomId: project.roomId, projectId: project.id };
  });
  return result;
}
