import type { VirtualizerHandle } from 'virtua/svelte';
import { ReadersHand } from './readers-hand.ts';

/** This close to the end counts as being there. */
const endSlack = 24;
/** A list that has not come to rest by then is taken as it is. */
const mostFrames = 30;
/** So many frames after rows changed, the browser has told how far that moved the list. */
const framesOfUnrest = 3;

/** Keeps a timeline where its reader is: at the end while he is there, and nowhere else moved. */
export class ScrollKeeper {
  #list: VirtualizerHandle;
  #scroller: HTMLElement;
  #hand: ReadersHand;
  #lastOffset = 0;
  #follows = false;
  #aim = 0;
  #unrest = 0;

  constructor(list: VirtualizerHandle, scroller: HTMLElement) {
    this.#list = list;
    this.#scroller = scroller;
    this.#hand = new ReadersHand(scroller);
  }

  /** Does the list follow what arrives? */
  get follows(): boolean {
    return this.#follows;
  }

  get distanceToEnd(): number {
    const list = this.#list;
    return list.getScrollSize() - list.getScrollOffset() - list.getViewportSize();
  }

  get viewport(): number {
    return this.#list.getViewportSize();
  }

  toEnd(rows: number): void {
    this.#follows = true;
    if (rows > 0) this.#list.scrollToIndex(rows - 1, { align: 'end' });
  }

  /** By itself a list that is sent somewhere goes there again as long as rows are measured, also against the reader's hand. */
  #follow(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  toRow(index: number, align: 'start' | 'center'): void {
    this.#follows = false;
    this.#list.scrollToIndex(index, { align });
  }

  /**
   * Goes where `aim` says and stays until the rows there were drawn and measured: before that their sizes are guessed, and
   * so is what is on screen. Answers whether it came to rest there; another aim or `leave` ends it.
   */
  async settle(aim: () => void): Promise<boolean> {
    const mine = ++this.#aim;
    let before = '';
    for (let frame = 0; frame < mostFrames; frame++) {
      aim();
      await new Promise(requestAnimationFrame);
      if (mine !== this.#aim) return false;
      const now = `${this.#list.getScrollSize()} ${this.#list.getScrollOffset()}`;
      if (this.viewport > 0 && now === before) break;
      before = now;
    }
    return true;
  }

  /** The list is gone. */
  leave(): void {
    this.#aim++;
    this.#hand.leave();
  }

  /**
   * After every scroll: only a reader who moves up stops the following. A list that becomes shorter moves up as well, and
   * may have grown again before that is told: while its rows change, only a hand that is seen moving it counts as his.
   */
  scrolled(): void {
    const offset = this.#list.getScrollOffset();
    const isUp = offset < this.#lastOffset - 1;
    this.#lastOffset = offset;
    if (this.#isAtEnd) this.#follows = true;
    else if (isUp && this.#hand.isOn) {
      this.#hand.moves();
      this.#follows = false;
    } else if (isUp && this.#unrest === 0) this.#follows = false;
    else if (isUp && this.#follows) this.#follow();
  }

  /**
   * Asked of the page: it pushes the rows down as soon as what is written takes less room, and the list hears of its new
   * height only afterwards.
   */
  get #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight <= endSlack;
  }

  /** Rows changed or were measured anew. */
  grew(): void {
    this.#rest();
    if (this.#follows) this.#follow();
  }

  /** In a tab that is not shown there are no frames, and the rest comes after its return. */
  #rest(): void {
    this.#unrest++;
    let left = framesOfUnrest;
    const wait = () => void (left-- > 0 ? requestAnimationFrame(wait) : this.#unrest--);
    wait();
  }

  /** The index of the last row that is on screen to its end, or nearly, or fills half of it; -1 before the first. */
  get lastOnScreen(): number {
    const list = this.#list;
    const bottom = list.getScrollOffset() + list.getViewportSize();
    const index = list.findItemIndex(bottom - endSlack);
    const start = list.getItemOffset(index);
    const isWhole = start + list.getItemSize(index) <= bottom + endSlack;
    const isMost = bottom - start >= list.getViewportSize() / 2;
    return isWhole || isMost ? index : index - 1;
  }
}
