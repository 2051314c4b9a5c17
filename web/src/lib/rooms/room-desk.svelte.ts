import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { FileVersion, RoomFile } from '@safesend/shared/files/file.ts';
import type { Member, RoomRole } from '@safesend/shared/rooms/member.ts';
import type { Message } from '@safesend/shared/rooms/message.ts';
import type { RoomSnapshot, RoomState } from '@safesend/shared/rooms/room.ts';
import { getContext, setContext } from 'svelte';
import type { Live } from '#lib/live/live.svelte.ts';
import type { Stretch } from '#lib/live/log.ts';
import type { Written } from '#lib/live/outbox.ts';
import type { LiveRoom } from '#lib/live/room.svelte.ts';
import type { HandInDraft } from '#lib/money/hand-in-draft.svelte.ts';
import type { MoneyStep } from '#lib/money/step.ts';
import { sideOf, type Side } from '#lib/money/side.ts';
import type { Invitee } from '#lib/projects/invite-form.ts';
import type { Files } from '#lib/files/files.svelte.ts';
import type { Attachments } from './attachments.svelte.ts';
import { BlockedPeople } from './blocked-people.svelte.ts';
import { keepDraft } from './drafts.ts';
import { Profiles } from './profiles.svelte.ts';
import { MyReactions } from './reactions.svelte.ts';
import { Reading } from './reading.svelte.ts';
import { RoomSending } from './room-sending.ts';
import { RoomView, type Row } from './room-view.svelte.ts';
import { roomTitle } from './room-title.ts';
import { ToldMilestones } from './told-milestones.svelte.ts';

export type Writing =
  { readonly kind: 'new'; readonly replyTo: Message | null } | { readonly kind: 'edit'; readonly message: Message };

/** One open room with everything its parts share: what is shown, what is being written, where to go. */
export class RoomDesk {
  readonly live: Live;
  readonly room: LiveRoom;
  readonly view: RoomView;
  readonly reading: Reading;
  readonly reactions: MyReactions;
  readonly profiles: Profiles;
  readonly blocked = new BlockedPeople();
  readonly attachments: Attachments;
  readonly files: Files;
  readonly sending: RoomSending;
  readonly told: ToldMilestones;
  /** Derived by themselves, so that rows redraw when people change and not with every fact. */
  readonly members: readonly Member[];
  readonly usernames: ReadonlySet<string>;
  /** The row under the pointer or the focus: it alone shows its actions. */
  activeKey = $state<string | null>(null);
  writing = $state.raw<Writing>({ kind: 'new', replyTo: null });
  /** The panel of a narrow screen, over the timeline. */
  panelOpen = $state(false);
  /** What another part puts into the text that is being written; the composer takes it and clears it. */
  inserting = $state.raw<string | null>(null);
  /** Who is being invited, if that is known; the dialog stays to close by its own rules. */
  inviting = $state.raw<{ readonly to: Invitee | null } | null>(null);
  inviteOpen = $state(false);
  #afterPanel: string | null = null;
  deleting = $state.raw<Message | null>(null);
  /** Where the list should go next; it takes the goal and clears it. */
  goal = $state.raw<{ readonly seq: number | 'end' } | null>(null);

  /** What is being done about a milestone; the panel stays to close by its own rules. */
  acting = $state.raw<{ readonly step: MoneyStep; readonly milestoneId: string } | null>(null);
  actingOpen = $state(false);
  /** What is being handed in, by milestone: kept while the room is open. */
  readonly handIns = new Map<string, HandInDraft>();

  constructor(files: Files, snapshot: RoomSnapshot, stretch: Stretch, readSeq: number) {
    const { live } = files;
    this.files = files;
    this.attachments = files.attachmentsOf(snapshot.room.id);
    this.live = live;
    this.room = live.room(snapshot);
    const destination = () => ({ id: this.room.id, title: this.title, myId: this.myId, isOwner: this.isOwner });
    this.sending = new RoomSending(files, this.attachments, destination, () => this.jumpToLatest());
    this.view = new RoomView(live, this.room, stretch);
    this.reading = new Reading(this.view, live.myId, readSeq, () => live.rooms.refresh());
    this.profiles = new Profiles(this.room.id);
    this.reactions = new MyReactions(this.room.id, live.myId);
    this.told = new ToldMilestones(this.view, this.room);
    this.members = $derived(this.room.state.members);
    this.usernames = $derived(new Set(this.members.map(({ username }) => username)));
  }

  get myId(): string {
    return this.live.myId;
  }

  get state(): RoomState {
    return this.room.state;
  }

  get title(): string {
    const { room, members } = this.state;
    return roomTitle(room.kind, room.title, members, this.myId);
  }

  /** I blocked the other person of this direct room. */
  get isBlocked(): boolean {
    return this.state.room.kind === 'direct' && this.members.some(({ userId }) => this.blocked.has(userId));
  }

  /** Whoever switched read receipts off does not see those of others. */
  get showsReads(): boolean {
    return this.live.inbox?.state.account?.readReceipts ?? true;
  }

  nameOf = (userId: string | null): string => {
    const member = this.members.find((it) => it.userId === userId);
    return member?.displayName ?? this.view.people.nameOf(userId);
  };

  open(): () => void {
    const stops = [this.view.open(), this.#followPeople(), this.#followAccount()];
    return () => {
      this.reading.stop();
      for (const stop of stops) stop?.();
    };
  }

  #followPeople(): () => void {
    void this.profiles.read();
    return this.room.listen({
      applied: (facts) => {
        this.live.clock.hear(facts.at(-1)?.at);
        if (facts.some(({ type }) => type === 'member.joined' || type === 'member.changed')) void this.profiles.read();
      },
    });
  }

  /** What I switch or whom I block on another device holds in this room at once. */
  #followAccount(): (() => void) | undefined {
    const readBlocks = () => void this.blocked.read().catch(() => undefined);
    if (this.state.room.kind === 'direct') readBlocks();
    return this.live.inbox?.listen({
      applied: (facts) => {
        if (facts.some(({ type }) => type === 'account.changed')) void this.room.readMarks();
        if (facts.some(({ type }) => type.startsWith('account.person.'))) readBlocks();
      },
    });
  }

  jumpTo(seq: number): void {
    this.goal = { seq };
  }

  jumpToLatest(): void {
    this.goal = { seq: 'end' };
  }

  reply(message: Message): void {
    this.writing = { kind: 'new', replyTo: message };
  }

  /** Begins to speak of somebody. A panel over the timeline goes first: it holds the focus. */
  mention(username: string): void {
    const text = `@${username} `;
    if (!this.panelOpen) return void (this.inserting = text);
    this.#afterPanel = text;
    this.panelOpen = false;
  }

  /** Says whether the writing goes on now. */
  panelClosed(): boolean {
    this.inserting = this.#afterPanel;
    this.#afterPanel = null;
    return this.inserting !== null;
  }

  get myRole(): RoomRole | undefined {
    return this.members.find(({ userId }) => userId === this.myId)?.role;
  }

  get side(): Side {
    const { project } = this.state;
    return project ? sideOf(project, this.myId) : 'watcher';
  }

  /** What whoever pays is called: more than one may be clients of a project. */
  get payer(): string | undefined {
    const payerId = this.state.project?.clientId ?? null;
    return payerId === null ? undefined : this.nameOf(payerId);
  }

  get terms(): FeeTerms | undefined {
    return this.state.project?.fees;
  }

  /** The other side is not here yet. */
  get isDraft(): boolean {
    return this.state.project?.status === 'draft';
  }

  /** Both sides are here and the work is not over. */
  get isOpenForWork(): boolean {
    return this.state.project?.status === 'active';
  }

  act(step: MoneyStep, milestoneId: string): void {
    this.acting = { step, milestoneId };
    this.actingOpen = true;
  }

  get isOwner(): boolean {
    return this.state.project?.ownerId === this.myId;
  }

  get mayInvite(): boolean {
    const status = this.state.project?.status;
    return this.isOwner && (status === 'draft' || status === 'active');
  }

  invite(to: Invitee | null = null): void {
    this.inviting = { to };
    this.inviteOpen = true;
  }

  edit(message: Message): void {
    this.writing = { kind: 'edit', message };
  }

  stopWriting(): void {
    this.writing = { kind: 'new', replyTo: null };
  }

  /** Sends what is written, at once or with its files. */
  async post(body: string): Promise<void> {
    const replyTo = this.writing.kind === 'new' ? (this.writing.replyTo?.id ?? null) : null;
    const { attachments } = this;
    if (attachments.isEmpty) return this.#post({ body, replyTo });
    await attachments.go(
      { body, replyTo },
      {
        send: (files) => this.sending.send(files),
        again: (upload) => this.files.again(upload),
        post: (written) => {
          // Nobody may be here any more to clear what was written.
          keepDraft(this.myId, this.room.id, '');
          this.#post(written);
        },
      },
    );
  }

  #post(written: Written): void {
    this.view.post(written);
    this.reading.posted();
    this.room.typing.stop();
    if (this.writing.kind === 'new') this.stopWriting();
    this.jumpToLatest();
  }

  /** Opens a file above the room; the arrows lead through what the room has of files. */
  look(file: RoomFile, version: FileVersion = file.current): void {
    this.files.viewing = { file, version, among: this.view.files.present };
  }

  /** The earlier file of the same name that this one may be joined with, by me. */
  elderOf(file: RoomFile): RoomFile | null {
    const elder = this.view.files.elderOf(file);
    const mayChange = (it: RoomFile) => this.isOwner || it.droppedBy === this.myId;
    return elder && mayChange(elder) && mayChange(file) ? elder : null;
  }

  /** My newest message that can still be edited. */
  get myLast(): Message | null {
    const isMine = (row: Row) =>
      row.kind === 'message' && !('outgoing' in row) && row.message.authorId === this.myId && row.message.body !== null;
    const row = this.view.rows.findLast(isMine);
    return row?.kind === 'message' ? row.message : null;
  }
}

const key = Symbol('room-desk');

export function setDesk(desk: RoomDesk): RoomDesk {
  return setContext(key, desk);
}

export function getDesk(): RoomDesk {
  return getContext<RoomDesk>(key);
}
