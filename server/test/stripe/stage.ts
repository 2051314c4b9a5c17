import { afterAll, beforeAll } from 'vitest';
import type { TestApp, TestSettings } from '../harness.ts';
import { expectSoundBooks, makeDeal, type Deal } from '../money.ts';
import { StripeDouble } from './double.ts';
import { onboard, startWithStripe, until } from './product.ts';

export interface Stage {
  readonly double: StripeDouble;
  readonly app: TestApp;
  readonly deal: Deal;
  /** The freelancer's account at Stripe; empty where it was not asked for. */
  readonly accountId: string;
}
interface Wanted extends TestSettings {
  /** The freelancer can receive money. */
  readonly isOnboarded?: boolean;
  /** False: what is in the tables was written by the test alone. */
  readonly hasBooks?: boolean;
}

/** One product that speaks with one Stripe, and two people in a project; at the end its books are sound. */
export function onStage(
  take: (stage: Stage) => void,
  { isOnboarded = false, hasBooks = true, ...settings }: Wanted = {},
): void {
  let stage: Stage | undefined;
  beforeAll(async () => {
    const double = await new StripeDouble().listen();
    const app = await startWithStripe(double, settings);
    const deal = await makeDeal(app);
    const accountId = isOnboarded ? await onboard(double, app, deal.freelancer) : '';
    stage = { double, app, deal, accountId };
    take(stage);
  });
  afterAll(async () => {
    if (!stage) return;
    const { app, double } = stage;
    if (hasBooks) await until(() => expectSoundBooks(app));
    await app.close();
    await double.close();
  });
}
