import { expect, test } from 'vitest';
import { takesCards, withStripe } from './policy.ts';

const strict = "default-src 'self'; script-src 'self' 'nonce-x'; connect-src 'self'; object-src 'none'";

test('T-S4 a page that takes cards lets Stripe’s script, frames and calls in, and loosens nothing else', () => {
  expect(withStripe(strict).split('; ')).toEqual([
    "default-src 'self'",
    "script-src 'self' 'nonce-x' https://js.stripe.com https://*.js.stripe.com",
    "connect-src 'self' https://api.stripe.com",
    "object-src 'none'",
    "frame-src 'self' https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
  ]);
});

test('T-S4 cards are taken on the pages of paying and nowhere else', () => {
  expect(['/(app)/pay/card', '/(app)/pay/[paymentId]'].every(takesCards)).toBe(true);
  expect(
    [null, '/(app)/payments', '/(app)/payments/methods', '/(app)/rooms/[roomId]', '/(auth)/signin'].some(takesCards),
  ).toBe(false);
});
