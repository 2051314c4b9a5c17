import type { Appearance, Stripe, StripeError } from '@stripe/stripe-js';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';

const patienceMs = 20_000;

/** The library did not come: blocked, off the line, or held up on the way. */
export class LibraryMissing extends Error {}

/** Stripe's library comes from Stripe and from nowhere else, when a card is to be taken and not before. */
export async function openStripe(publishableKey: string): Promise<Stripe> {
  const { loadStripe } = await import('@stripe/stripe-js/pure');
  const locale = getLocale() as 'en';
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs));
  const stripe = await Promise.race([loadStripe(publishableKey, { locale }).catch(() => null), late]);
  if (!stripe) throw new LibraryMissing();
  return stripe;
}

/** Stripe says what a bank or a form refuses in the person's own language; its other troubles are told in our words. */
export function refusalWords({ type, message }: Pick<StripeError, 'type' | 'message'>): string {
  const isTheirs = type === 'card_error' || type === 'validation_error' || type === 'invalid_request_error';
  return (isTheirs && message) || m.pay_no_answer();
}

/** The fields are drawn by Stripe in frames of its own: they are told our colours. */
export function appearanceOf(mode: 'light' | 'dark'): Appearance {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    theme: mode === 'dark' ? 'night' : 'stripe',
    variables: {
      colorPrimary: token('accent'),
      colorBackground: token('surface'),
      colorText: token('ink'),
      colorTextSecondary: token('muted'),
      colorTextPlaceholder: token('muted'),
      colorDanger: token('danger'),
      fontFamily: 'system-ui, sans-serif',
      fontSizeBase: '16px',
      borderRadius: '8px',
      focusOutline: `2px solid ${token('focus')}`,
    },
    rules: { '.Input': { border: `1px solid ${token('border-strong')}`, boxShadow: 'none' } },
  };
}
