import { checkUsername } from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { createProject, invite } from '@safesend/shared/projects/calls.ts';
import { newInvitation, type NewInvitation } from '@safesend/shared/projects/invitation.ts';
import { maxMilestones, newProject } from '@safesend/shared/projects/project.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import { z } from 'zod';
import { ApiProblem } from '#lib/api/problem.ts';
import { problemText } from '#lib/api/problem-text.ts';
import { send } from '#lib/api/send.ts';
import { Form } from '#lib/forms/form.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { blankInvite, inviteInput, type InviteValues } from '#lib/projects/invite-form.ts';
import { milestoneInput, milestoneSchema } from '#lib/projects/milestone-form.ts';
import type { Draft } from './draft.ts';

const basicsSchema = newProject.pick({ title: true, description: true, currency: true });
const planSchema = z.strictObject({ milestones: z.array(milestoneSchema).max(maxMilestones) });

/** A person who could not be invited, and why. */
export interface Refused {
  readonly label: string;
  readonly reason: string;
}

/** Who plans: nobody invites himself. */
interface Planner {
  readonly username: string;
  readonly email: string;
}

/** The four steps from an idea to a project with its room; every step is a form of its own. */
export class Wizard {
  readonly draft: Draft;
  readonly basics: Form<typeof basicsSchema, Draft['basics']>;
  readonly plan: Form<typeof planSchema, Pick<Draft, 'milestones'>>;
  readonly person: Form<typeof newInvitation, InviteValues>;
  step = $state(0);
  people = $state.raw<readonly InviteValues[]>([]);
  busy = $state(false);
  problem = $state.raw<unknown>(null);

  constructor(draft: Draft, role: RoomRole, me: Planner) {
    this.draft = draft;
    this.step = draft.step;
    this.people = draft.people;
    this.basics = new Form({
      id: 'basics',
      schema: basicsSchema,
      initial: draft.basics,
      submit: async () => this.go(1),
    });
    this.plan = new Form({
      id: 'plan',
      schema: planSchema,
      initial: { milestones: draft.milestones },
      toInput: ({ milestones }) => ({
        milestones: milestones.map((it) => milestoneInput(it, this.basics.values.currency)),
      }),
      submit: async () => this.go(2),
    });
    this.person = new Form({
      id: 'person',
      schema: newInvitation,
      initial: blankInvite(role),
      toInput: inviteInput,
      submit: async (invitation) => {
        const refusal = await this.#refusalOf(invitation, me);
        if (refusal) return this.person.refuse(this.person.values.way, refusal);
        this.people = [...this.people, { ...this.person.values }];
        // Whoever invites by username mostly has the next username ready.
        this.person.reset({ ...blankInvite(role), way: this.person.values.way });
      },
    });
  }

  /** What is kept on this device while it is being written. */
  get kept(): Draft {
    return {
      commandId: this.draft.commandId,
      sent: this.draft.sent,
      step: this.step,
      basics: $state.snapshot(this.basics.values),
      milestones: $state.snapshot(this.plan.values.milestones),
      people: [...this.people],
    };
  }

  get isBegun(): boolean {
    const { basics, milestones, people } = this.kept;
    return basics.title !== '' || basics.description !== '' || milestones.length > 0 || people.length > 0;
  }

  go(step: number): void {
    this.step = step;
    this.problem = null;
  }

  removePerson(at: number): void {
    this.people = this.people.filter((_, index) => index !== at);
  }

  /** Said while it can still be mended: once the project is there, a refusal comes too late. */
  async #refusalOf({ email, username }: NewInvitation, me: Planner): Promise<string | null> {
    if ((email ?? username) === (email === undefined ? me.username : me.email)) return m.project_invite_self();
    const planned = this.people.map((it) => newInvitation.parse(inviteInput(it)));
    if (planned.some((it) => it.email === email && it.username === username)) return m.project_invite_twice();
    if (username !== undefined && (await isNobody(username))) return m.project_invite_nobody({ username });
    return null;
  }

  /** Starts the project and invites its people. Answers where it is and who could not be invited. */
  async start(): Promise<{ projectId: string; refused: Refused[] } | null> {
    this.busy = true;
    this.problem = null;
    try {
      const body = newProject.parse({
        ...$state.snapshot(this.basics.values),
        ...planSchema.parse({
          milestones: this.plan.values.milestones.map((it) => milestoneInput(it, this.basics.values.currency)),
        }),
      });
      this.#nameCommand(JSON.stringify([body, this.people]));
      const { project } = await send(createProject, { body, commandId: this.draft.commandId });
      return { projectId: project.id, refused: await this.#invite(project.id) };
    } catch (problem) {
      this.problem = problem;
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** The same command as long as the same thing is sent; changed after a failure it is another one. */
  #nameCommand(of: string): void {
    if (this.draft.sent !== '' && this.draft.sent !== of) this.draft.commandId = newId();
    this.draft.sent = of;
  }

  async #invite(projectId: string): Promise<Refused[]> {
    const refused: Refused[] = [];
    for (const [at, person] of this.people.entries()) {
      const body = newInvitation.parse(inviteInput(person));
      try {
        await send(invite, { params: { projectId }, body, commandId: `${this.draft.commandId}-${at}` });
      } catch (problem) {
        refused.push({ label: labelOf(person), reason: problemText(problem) });
      }
    }
    return refused;
  }
}

/** A name that is free to take is nobody's. When that cannot be asked, the server decides on inviting. */
async function isNobody(username: string): Promise<boolean> {
  try {
    return (await send(checkUsername, { query: { username } })).available;
  } catch (problem) {
    if (problem instanceof ApiProblem) return false;
    throw problem;
  }
}

export function labelOf({ way, email, username }: InviteValues): string {
  return way === 'email' ? email.trim() : username.trim();
}
