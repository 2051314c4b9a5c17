import type { z } from 'zod';
import { line, visible } from './values.ts';

/** What the platform is called on the papers it issues. */
export const platformName = 'SafeSend';

const spelt = (name: string) =>
  visible(name)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** A name that people give; never the platform's, however it is spaced or written: papers tell issuers apart by their names. */
export function nameBesidePlatform(min: number, max: number): z.ZodString {
  return line(min, max).refine(
    (name) => spelt(name) !== spelt(platformName),
    'This is the name of the platform. Use another one.',
  );
}
