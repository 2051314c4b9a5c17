/** The box of every field one can type into, so that they line up whatever they hold. */
export const fieldLook =
  'w-full rounded-md border border-border-strong bg-surface px-3 text-base text-ink shadow-xs transition-[border-color,box-shadow] duration-150 placeholder:text-muted hover:border-ink/60 focus:border-accent focus:outline-2 focus:outline-offset-0 focus:outline-focus/40 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted aria-invalid:border-danger aria-invalid:focus:outline-danger/40';

/** What stands around every field. */
export interface FieldWords {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: boolean | undefined;
  hideLabel?: boolean | undefined;
}

/** The ids that describe a field right now: what is wrong first, then what it asks for. */
export function describedBy(id: string, error: string | undefined, hint: string | undefined): string | undefined {
  const ids = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean);
  return ids.length > 0 ? ids.join(' ') : undefined;
}
