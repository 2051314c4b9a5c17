import { about, type Rule } from './rule.ts';
import { open } from './verdicts.ts';

/** What machines and operators ask of the process itself. */
export const operations: readonly Rule[] = [
  ...[
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /api/docs',
    'GET /api/docs/{asset}',
    'GET /api/v1/openapi.json',
  ].map((door): Rule => ({ door, subject: 'nothing', verdicts: open })),
  ...about(
    'nothing',
    // Operators switch this one on for tests alone; it answers this machine only.
    ['POST /test/clock', open],
  ),
];
