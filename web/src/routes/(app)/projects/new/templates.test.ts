import { expect, test } from 'vitest';
import { templateOf, templates } from './templates.ts';

test('E09 UX 42 a plan that comes back says what it began with, also after it was worked on', () => {
  for (const { value, milestones } of templates()) {
    expect(templateOf(milestones)).toBe(value);
    expect(templateOf([{ title: 'First of all' }, ...milestones.slice(1)])).toBe(value);
  }
  expect(templateOf([{ title: 'Something of my own' }])).toBe('blank');
});
