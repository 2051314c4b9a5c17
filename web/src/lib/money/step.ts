/** Everything somebody can do about a milestone's money and work; each is a panel of its own. */
export type MoneyStep =
  | 'details'
  | 'fund'
  | 'finish'
  | 'start'
  | 'submit'
  | 'approve'
  | 'changes'
  | 'release'
  | 'refund'
  | 'again'
  | 'propose'
  | 'proposal'
  | 'end'
  | 'ending';

const steps: ReadonlySet<string> = new Set<MoneyStep>([
  ...(['details', 'fund', 'finish', 'start', 'submit', 'approve', 'changes'] as const),
  ...(['release', 'refund', 'again', 'propose', 'proposal', 'end', 'ending'] as const),
]);

export function isStep(text: string | null): text is MoneyStep {
  return text !== null && steps.has(text);
}
