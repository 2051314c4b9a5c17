import type { TokenScope } from '@safesend/shared/accounts/user.ts';
import { m } from '#lib/paraglide/messages.js';

export const scopeNames: Record<TokenScope, () => string> = {
  read: m.scope_read,
  write: m.scope_write,
  money: m.scope_money,
};

export const scopeHints: Record<TokenScope, () => string> = {
  read: m.scope_read_hint,
  write: m.scope_write_hint,
  money: m.scope_money_hint,
};
