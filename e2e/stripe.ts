import type { BrowserContext, Page, Route } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StripeDouble } from '../server/test/stripe/double.ts';
import { Server } from './server.ts';

const secrets = { platform: 'whsec_platform', connect: 'whsec_connect', thin: 'whsec_thin' };

/** A product whose processor is the double of Stripe, which tells it what happens. */
export async function startWithStripe(): Promise<{ server: Server; double: StripeDouble }> {
  const double = await new StripeDouble().listen();
  const server = await Server.start({
    environment: {
      NODE_ENV: 'test',
      STRIPE_SECRET_KEY: double.secretKey,
      STRIPE_PUBLISHABLE_KEY: double.publishableKey,
      STRIPE_API_BASE: double.url,
      STRIPE_WEBHOOK_SECRET: secrets.platform,
      STRIPE_CONNECT_WEBHOOK_SECRET: secrets.connect,
      STRIPE_THIN_WEBHOOK_SECRET: secrets.thin,
    },
  });
  double.webhooks.addressee = { url: `${server.url}/api/v1`, secrets };
  return { server, double };
}

/** What a browser would fetch from Stripe comes from here: its library, its frames, and its answers from the double. */
export async function standInForStripe(context: BrowserContext, double: StripeDouble): Promise<void> {
  await context.route(/^https:\/\/(js|hooks)\.stripe\.com\//, async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    const file = name.endsWith('.html') ? name : 'library.js';
    const contentType = name.endsWith('.html') ? 'text/html' : 'text/javascript';
    await route.fulfill({ contentType, body: await readFile(join(import.meta.dirname, 'stripe', file)) });
  });
  await context.route('https://api.stripe.com/**', (route) => passOn(route, double));
}

async function passOn(route: Route, double: StripeDouble): Promise<void> {
  const request = route.request();
  const { pathname, search } = new URL(request.url());
  const answer = await fetch(`${double.url}${pathname}${search}`, {
    method: request.method(),
    headers: {
      authorization: `Bearer ${double.publishableKey}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    ...(request.method() === 'POST' && { body: request.postData() ?? '' }),
  });
  await route.fulfill({
    status: answer.status,
    contentType: 'application/json',
    headers: { 'access-control-allow-origin': '*' },
    body: await answer.text(),
  });
}

export const cardNumber = (page: Page) =>
  page.frameLocator('iframe[title="Secure payment input frame"]').getByLabel('Card number');
export const bankOf = (page: Page) => page.frameLocator('iframe[title="Your bank"]');
