import type { JobHandlers } from '../../kernel/jobs.ts';
import type { OwnOrigin } from '../../kernel/origin.ts';
import type { Transact } from '../../kernel/transact.ts';
import { sendPasswordReset } from './service/password-changes.ts';

export function accountJobs(transact: Transact, origin: OwnOrigin): Pick<JobHandlers, 'password-reset.send'> {
  return {
    'password-reset.send': async ({ email }) => {
      await transact({ id: null }, (tx) => sendPasswordReset(tx, origin.url, email));
    },
  };
}
