import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.ts';

/** A person's keyboard. It has no other way to a thing than the keys, and sees where it stands. */
export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Presses Tab until this has the focus. */
  async to(wanted: Locator): Promise<void> {
    await expect(wanted).toBeVisible();
    for (let presses = 0; presses < 80; presses++) {
      if (await hasFocus(wanted)) return this.expectSeen(wanted);
      await this.#page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${String(wanted)}`);
  }

  async press(wanted: Locator, key = 'Enter'): Promise<void> {
    await this.to(wanted);
    await this.#page.keyboard.press(key);
  }

  async write(label: RegExp | string, text: string): Promise<void> {
    await this.to(this.#page.getByRole('textbox', { name: label }));
    await this.#page.keyboard.type(text);
  }

  /** Opens a menu or a list, and takes one of its entries with the arrows. */
  async choose(opener: Locator, entry: Locator): Promise<void> {
    await this.press(opener);
    await expect(entry).toBeVisible();
    for (let presses = 0; presses < 20; presses++) {
      if ((await hasFocus(entry)) || (await entry.getAttribute('data-highlighted')) !== null) {
        await this.expectSeen(entry);
        return this.#page.keyboard.press('Enter');
      }
      await this.#page.keyboard.press('ArrowDown');
    }
    throw new Error(`the arrows never came to ${String(entry)}`);
  }

  /** Goes from part to part of the page until the focus is in this one. */
  async toPart(part: Locator): Promise<void> {
    for (let presses = 0; presses < 10; presses++) {
      await this.#page.keyboard.press('F6');
      if (await part.evaluate((it) => it.contains(document.activeElement))) {
        return this.expectSeen(this.#page.locator(':focus'));
      }
    }
    throw new Error(`F6 never came to ${String(part)}`);
  }

  /** WCAG 2.4.7 and 2.4.11: a ring is painted on what has the focus, on its box or its label, and it is on the screen. */
  async expectSeen(focused: Locator): Promise<void> {
    await expect.poll(() => focused.evaluate(look), { message: `focus is seen on ${String(focused)}` }).toBe('seen');
  }
}

async function hasFocus(wanted: Locator): Promise<boolean> {
  return wanted.evaluate((it) => it === document.activeElement);
}

/** Runs in the page. */
function look(it: Element): string {
  const isPainted = (colour: string) => !/^transparent$|(?:, 0|\/ 0)\)$/.test(colour);
  const ringed = (box: Element) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(box);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && isPainted(outlineColor);
  };
  // Entries of menus and lists are lit instead.
  const isLit = it.matches('[data-highlighted]') && isPainted(getComputedStyle(it).backgroundColor);
  const boxes = [it, it.parentElement, it.closest('label'), it.closest('form')].filter((box) => box !== null);
  const ring = boxes.find(ringed) ?? (isLit ? it : undefined);
  if (!ring) return 'no ring';
  // A box that is only there to be read aloud is seen by its label.
  const own = it.getBoundingClientRect();
  const box = own.width > 2 && own.height > 2 ? it : ring;
  const { top, bottom, left, right } = box.getBoundingClientRect();
  if (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) return 'off the screen';
  // What lies over it (a bar, a toast, the composer) must leave a part of it to be seen.
  const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
  const [width, height] = [Math.min(right, innerWidth) - x, Math.min(bottom, innerHeight) - y];
  const shares = [0.1, 0.3, 0.5, 0.7, 0.9];
  const isOnTop = shares.some((across) =>
    shares.some((down) => {
      const hit = document.elementFromPoint(x + width * across, y + height * down);
      return hit !== null && box.contains(hit);
    }),
  );
  return isOnTop ? 'seen' : 'under something else';
}
