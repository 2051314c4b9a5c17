import * as act from '../acts.ts';
import * as money from '../money-acts.ts';
import { labelsForScreen, shippingRates } from '../papers.ts';
import type { Scene } from '../stage.ts';

/** A project in full swing: three people, a plan with money and dates, a decision that changed. */
export const webshop: Scene = {
  name: 'webshop',
  acts: [
    act.starts('clara', {
      title: 'Web shop for Nordlicht Coffee',
      description:
        'A small, fast shop for eleven coffees and two subscriptions. Payment by card and invoice, delivery to Sweden, Denmark and Germany. Must be open before the Christmas rush.',
      currency: 'EUR',
    }),
    act.plans('clara', {
      title: 'Product pages and basket',
      amountMinor: 240_000,
      dueIn: 6,
      criteria:
        'Eleven products with photographs, weight and grind to choose, a basket that survives a reload. Loads in under a second on a phone.',
    }),
    act.plans('clara', {
      title: 'Checkout: card, invoice and shipping costs',
      amountMinor: 310_000,
      dueIn: 20,
      criteria:
        'An order from each of the three countries goes through in the sandbox, with the right VAT and shipping.',
    }),
    act.plans('clara', {
      title: 'Subscriptions',
      amountMinor: 180_000,
      dueIn: 34,
      criteria: 'Monthly and fortnightly, can be paused and skipped without writing to us.',
    }),
    act.invites('clara', 'tomas'),
    act.accepts('tomas'),
    money.pays('clara', 'Product pages and basket'),
    money.begins('tomas', 'Product pages and basket'),
    money.pays('clara', 'Checkout: card, invoice and shipping costs'),
    money.handsIn(
      'tomas',
      'Product pages and basket',
      'All eleven coffees are in the shop. The basket survives a reload.',
    ),
    act.says(
      'clara',
      'Welcome, Tomás! The plan is on the right. Tell me if a milestone is too big, we can split it before you start.',
      {
        as: 'welcome',
      },
    ),
    act.says(
      'tomas',
      'Thank you, good to be here. The split looks right to me. Three things I need from you this week:\n\n1. the product list with weights and prices\n2. access to the domain (`nordlicht.example`)\n3. which shipping company you use for Denmark',
      { as: 'needs' },
    ),
    act.says(
      'clara',
      'List comes tonight. For Denmark we use the same carrier as here, they have one price up to 2 kg and one up to 5.',
      {
        to: 'needs',
        as: 'carrier',
      },
    ),
    act.reacts('tomas', '👍', 'carrier'),
    act.invites('clara', 'mei'),
    act.accepts('mei'),
    act.says(
      'clara',
      '@mei is drawing the new labels. Mei, could Tomás use the drawings on the product pages as well, or do they need to be redone for the screen?',
      {
        as: 'drawings',
      },
    ),
    act.says(
      'mei',
      'They work on screen, I draw them as vectors anyway. I can export each label as SVG plus a 1600 px PNG for the share image.',
      {
        to: 'drawings',
        as: 'svg',
      },
    ),
    act.reacts('clara', '🎉', 'svg'),
    act.reacts('tomas', '🎉', 'svg'),
    act.says(
      'tomas',
      'SVG is perfect. Please keep text as text where you can, then it stays readable for screen readers and in the search.',
      {
        to: 'svg',
      },
    ),
    act.says(
      'mei',
      'Noted. One question: the paper of the bags is not white but a warm grey. Should the page background match?',
      { as: 'paper' },
    ),
    act.says('clara', 'Yes please, about `#f3efe8`. It makes the colours of the labels much calmer.', { to: 'paper' }),
    act.sends('mei', labelsForScreen, 'The first three on that grey. The other eight follow on Monday.'),
    act.says(
      'tomas',
      'First version of the product page is up on the staging server, with the Kenya and the two espressos. The basket keeps its content for 30 days.',
      {
        as: 'staging',
      },
    ),
    act.says(
      'clara',
      'Oh, this is *fast*. Two small things: the grind "whole bean" should come first, and prices should read "from 12 €" when there is more than one weight.',
      {
        to: 'staging',
        as: 'grind',
      },
    ),
    act.says('tomas', 'Both done. I also moved the price below the name, it jumped around when the photo loaded.', {
      to: 'grind',
      as: 'done',
    }),
    act.reacts('clara', '❤️', 'done'),
    act.says(
      'tomas',
      'Shipping rules as I understood them:\n\n```\nSE  up to 2 kg   5.90 €   free from 60 €\nDK  up to 2 kg   8.90 €   free from 80 €\nDE  up to 2 kg  11.90 €   never free\n```\n\nIs Germany right?',
      {
        as: 'rules',
      },
    ),
    act.says('clara', 'Germany should be free from 150 €. Nobody will get there, but the cafés might.', {
      to: 'rules',
      as: 'germany',
    }),
    act.corrects(
      'tomas',
      'rules',
      'Shipping rules as agreed:\n\n```\nSE  up to 2 kg   5.90 €   free from 60 €\nDK  up to 2 kg   8.90 €   free from 80 €\nDE  up to 2 kg  11.90 €   free from 150 €\n```',
    ),
    act.sends('tomas', shippingRates, 'The same as a table, the shop reads it from there.'),
    act.says('clara', 'The bank asks for a copy of the lease, does anybody know whether a scan is enough?', {
      as: 'wrong-room',
    }),
    act.takesBack('clara', 'wrong-room'),
    act.says('clara', 'Sorry, wrong room. 🙈'),
    act.reschedules('clara', 'Subscriptions', 41),
    act.says(
      'clara',
      '@tomas I moved the subscriptions by a week: the payment contract only starts on the first. The other dates stay.',
      { as: 'moved' },
    ),
    act.reads('mei', 'staging'),
    act.says(
      'tomas',
      'That works, I will use the week for the order mails. Could Jonas Weber write those? The ones the payment company sends are quite stiff.',
      {
        to: 'moved',
        as: 'mails',
      },
    ),
    act.reacts('clara', '💡', 'mails'),
    act.says(
      'tomas',
      'Checkout with the test card works from all three countries as of this morning. VAT for Denmark is the only thing I would like you to check with your accountant before I build the invoice.',
      {
        as: 'vat',
      },
    ),
  ],
};
