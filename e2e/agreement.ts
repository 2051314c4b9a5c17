import { createHash } from 'node:crypto';
import type { RoomState } from '../shared/src/rooms/room.ts';
import { comparable } from '../server/test/comparable.ts';
import { expect, type Visitor } from './fixtures.ts';
import type { Page } from '@playwright/test';

/** Marks the documents, to see later that nobody reloaded. */
export async function markDocuments(...pages: readonly Page[]): Promise<void> {
  for (const page of pages) await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
}

export async function expectSameDocuments(...pages: readonly Page[]): Promise<void> {
  for (const page of pages) expect(await page.evaluate(() => 'sameDocument' in globalThis), 'no reload').toBe(true);
}

/** The state that each page has reduced is the one the server says afresh, and no message is shown as not sent. */
export async function expectAgreement(
  url: string,
  roomId: string,
  ...seats: readonly { readonly visitor: Visitor; readonly page?: Page }[]
): Promise<void> {
  for (const { visitor, page = visitor.page } of seats) {
    const shown = async () => hashOf(await reduced(page, roomId));
    const stored = async () => hashOf(await afresh(visitor, url, roomId));
    await expect
      .poll(async () => (await shown()) === (await stored()), { message: 'page and server agree' })
      .toBe(true);
    await expect(page.getByRole('log').getByText(/Not sent|Sending|Waiting for connection/)).toHaveCount(0);
  }
}

async function reduced(page: Page, roomId: string): Promise<RoomState | undefined> {
  const states = await page.evaluate(() => {
    const detail: unknown[] = [];
    window.dispatchEvent(new CustomEvent('safesend:inspect', { detail }));
    return detail as RoomState[];
  });
  return states.find(({ room }) => room.id === roomId);
}

async function afresh({ context }: Visitor, url: string, roomId: string): Promise<RoomState> {
  return (await context.request.get(`${url}/api/v1/rooms/${roomId}`, { maxRetries: 2 })).json();
}

/** Read marks are left out: they are no facts, and move without one. */
function hashOf(state: RoomState | undefined): string {
  const facts = state && { ...comparable(state), reads: [] };
  return createHash('sha256').update(JSON.stringify(facts, sorted)).digest('hex');
}

/** The same keys in the same order. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
