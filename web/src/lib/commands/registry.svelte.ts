import { untrack, type Component } from 'svelte';
import { isFunctionKey, isTyping, matchesKeys, type Keys } from './keys.ts';

export interface Command {
  id: string;
  title: string;
  /** The heading it stands under in the palette. */
  group: string;
  /** A second line: who is in the room, what the action touches. */
  detail?: string | undefined;
  /** Other words it is found by. */
  keywords?: readonly string[] | undefined;
  icon?: Component<{ 'aria-hidden'?: 'true' }> | undefined;
  href?: string | undefined;
  run?: (() => void) | undefined;
  /** Pressed anywhere, it does the same. */
  keys?: Keys | undefined;
  /** A shortcut that would make no sense in the palette (opening the palette). */
  hidden?: boolean | undefined;
}

type Source = () => readonly Command[];

const storageKey = 'safesend-single-keys';
/** How long the second key of a pair like `g p` may take. */
const sequenceMilliseconds = 1_500;

/** Everything that can be done from here, as the parts of the page announce it. */
class Commands {
  #sources = $state.raw<readonly Source[]>([]);
  #singleKeys = $state(true);
  #first = { key: '', at: 0 };
  paletteOpen = $state(false);
  helpOpen = $state(false);

  get all(): Command[] {
    return this.#sources.flatMap((source) => source());
  }

  /** Shortcuts without Ctrl, ⌘ or Alt can be switched off: speech input and tremor press them by accident. */
  get singleKeys(): boolean {
    return this.#singleKeys;
  }

  set singleKeys(on: boolean) {
    this.#singleKeys = on;
    localStorage.setItem(storageKey, on ? 'on' : 'off');
  }

  restore(): void {
    this.#singleKeys = localStorage.getItem(storageKey) !== 'off';
  }

  provide(source: Source): () => void {
    this.#sources = [...this.#sources, source];
    return () => {
      this.#sources = this.#sources.filter((other) => other !== source);
    };
  }

  /** The command a key press stands for, if any. */
  find(event: KeyboardEvent): Command | undefined {
    const withModifier = event.ctrlKey || event.metaKey || event.altKey;
    if (!withModifier && !isFunctionKey(event) && (isTyping(event) || !this.#singleKeys)) return undefined;
    const first = event.timeStamp - this.#first.at < sequenceMilliseconds ? this.#first.key : '';
    const pressed = this.all.find(({ keys }) => {
      if (keys === undefined) return false;
      const [one = '', two] = keys.split(' ');
      return two === undefined ? matchesKeys(event, one) : first === one && matchesKeys(event, two);
    });
    this.#first = { key: pressed || withModifier ? '' : event.key, at: event.timeStamp };
    return pressed;
  }
}

export const commands = new Commands();

/** Offers commands for as long as the component that calls this is on the page. */
export function provideCommands(source: Source): void {
  $effect(() => untrack(() => commands.provide(source)));
}
