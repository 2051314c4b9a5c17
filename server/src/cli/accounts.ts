import { registration } from '@safesend/shared/accounts/forms.ts';
import { grant } from '@safesend/shared/accounts/user.ts';
import { newId } from '@safesend/shared/ids.ts';
import { OwnOrigin } from '../kernel/origin.ts';
import type { Em } from '../kernel/sql.ts';
import { makeResetLink } from '../modules/accounts/service/password-changes.ts';
import { hashPassword } from '../modules/accounts/service/passwords.ts';
import { findUserByUsername } from '../modules/accounts/service/people.ts';
import { grantRole } from '../modules/accounts/service/profile.ts';
import { openAccount } from '../modules/accounts/service/registration.ts';
import { findRegistrationMode, setRegistrationMode } from '../modules/accounts/service/settings.ts';
import { withProduct, type Product } from './product.ts';
import { CliError, exitCodes, read, required, type Desk, type Verb } from './verb.ts';

const product = { id: null };

export const createAdminVerb: Verb = {
  usage: 'create-admin --email <address> --username <name> --password-stdin',
  summary: 'open an account that may administer this installation; the password is read from standard input',
  options: { email: { type: 'string' }, username: { type: 'string' }, 'password-stdin': { type: 'boolean' } },
  run: async (desk, request) => {
    const [email, username] = [required(request, 'email'), required(request, 'username')];
    if (!request.options['password-stdin'])
      throw new CliError(exitCodes.usage, '--password-stdin is missing: pipe the password in.');
    const person = { email, username, displayName: username, role: 'client', password: await desk.readInput() };
    const { password, ...account } = read(registration, person);
    const passwordHash = await hashPassword(password);
    return withAccounts(desk, async ({ transact }) => {
      const { result } = await transact({ id: newId() }, (tx) =>
        openAccount(tx, { ...account, passwordHash, isVerified: true, grants: ['admin'] }),
      );
      const { id } = result.user;
      return {
        text: `${account.username} may sign in and administer.`,
        value: { id, username: account.username, grants: ['admin'] },
      };
    });
  },
};

export const grantRoleVerb: Verb = {
  usage: 'grant-role <username> mediator|admin',
  summary: 'let somebody mediate disputes or administer',
  run: async (desk, { words: [username = '', name] }) => {
    const role = read(grant, name);
    return withAccounts(desk, async ({ em, transact }) => {
      const user = await someone(em, username);
      const { result } = await transact(product, (tx) => grantRole(tx, user.id, role));
      const text = result ? `${user.username} is ${role} now.` : `${user.username} was ${role} already.`;
      return { text, value: { username: user.username, role, changed: result } };
    });
  },
};

export const resetPasswordVerb: Verb = {
  usage: 'reset-password <username>',
  summary: 'print a link with which this person sets a new password; it works once, for an hour',
  run: async (desk, { words: [username = ''] }) =>
    withAccounts(desk, async ({ em, transact, origin }) => {
      const user = await someone(em, username);
      const { result: link } = await transact(product, (tx) => makeResetLink(tx, origin, user.id));
      return { text: link, value: { username: user.username, link } };
    }),
};

export const registrationVerb: Verb = {
  usage: 'registration [open|invitation-only]',
  summary: 'say or decide whether anybody may sign up, or only people with an invitation',
  run: async (desk, { words: [mode] }) =>
    withAccounts(desk, async ({ em, transact }) => {
      if (mode !== undefined && mode !== 'open' && mode !== 'invitation-only') {
        throw new CliError(exitCodes.usage, `Usage: npm run cli -- ${registrationVerb.usage}`);
      }
      if (mode) await transact(product, (tx) => setRegistrationMode(tx, mode));
      const now = mode ?? (await findRegistrationMode(em));
      return { text: `Registration is ${now}.`, value: { registration: now } };
    }),
};

interface Accounts extends Product {
  readonly origin: string;
}

async function withAccounts<Result>(desk: Desk, work: (accounts: Accounts) => Promise<Result>): Promise<Result> {
  const origin = new OwnOrigin(desk.env.publicUrl);
  origin.listeningOn(desk.env.port);
  return withProduct(desk, [], (product) => work({ ...product, origin: origin.url }));
}

async function someone(em: Em, username: string) {
  const user = await findUserByUsername(em, username);
  if (!user) throw new CliError(exitCodes.notFound, `There is nobody with the username "${username}".`);
  return user;
}
