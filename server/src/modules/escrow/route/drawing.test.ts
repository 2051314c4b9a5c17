import * as calls from '@safesend/shared/escrow/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person, TestApp } from '../../../../test/harness.ts';
import { startTestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
let deal: m.Deal;
beforeAll(async () => {
  app = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  deal = await m.makeDeal(app);
  await m.fund(deal, 10_000);
});
afterAll(() => app.close());

const get = ({ base, cookie }: Person, path: string) => fetch(`${base}/api/v1${path}`, { headers: { cookie } });
const statement = (person: Person, format: string) => {
  const period = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
  return get(person, `/statements/download?${new URLSearchParams({ ...period, currency: 'EUR', format })}`);
};

test('J07 J08 papers that are asked for together are all drawn; more in a minute than anybody reads are refused in words', async () => {
  const [invoice] = (await deal.client.must(calls.listInvoices)).items;
  const paper = `/invoices/${invoice?.id}/pdf`;
  const drawn = await Promise.all([
    get(deal.client, paper),
    ...Array.from({ length: 19 }, () => statement(deal.client, 'pdf')),
  ]);
  expect(drawn.map(({ status }) => status)).toEqual(drawn.map(() => 200));
  const [, ...statements] = await Promise.all(drawn.map(async (it) => Buffer.from(await it.arrayBuffer())));
  for (const bytes of statements) expect(bytes.equals(statements[0] ?? Buffer.of())).toBe(true);

  const refused = await statement(deal.client, 'pdf');
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: 'throttled', detail: expect.stringMatching(/^Too many .* s\.$/) });
  expect((await get(deal.client, paper)).status, 'it is drawn already').toBe(200);
  expect((await statement(deal.client, 'csv')).status, 'nothing is drawn for it').toBe(200);
  expect((await statement(deal.freelancer, 'pdf')).status, 'somebody else').toBe(200);
});

test('T-S15 a person who asks for one paper does not wait for all that somebody else asked for', async () => {
  const [patient, hurried] = [await m.makeDeal(app), deal.freelancer];
  await m.fund(patient, 10_000);
  let answered = 0;
  const many = Array.from({ length: 20 }, () => statement(patient.client, 'pdf').then(() => answered++));
  await Promise.any(many);
  const before = answered;
  expect((await statement(hurried, 'pdf')).status).toBe(200);
  expect(answered - before).toBeLessThan(10);
  await Promise.all(many);
});
