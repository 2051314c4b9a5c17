import { changeProfile } from '../../modules/accounts/service/profile.ts';
import { openAccount } from '../../modules/accounts/service/registration.ts';
import { people, personNames, type PersonName } from '../people.ts';
import type { Act, Scene } from '../stage.ts';

/** Everybody opens an account first. */
export const arrivals: Scene = {
  name: 'arrivals',
  acts: personNames.flatMap((name) => [arrives(name), introduces(name)]),
};

function arrives(name: PersonName): Act {
  const { id: _id, headline: _headline, bio: _bio, ...account } = people[name];
  return async (stage, step) => {
    const vouched = { ...account, passwordHash: null, isVerified: true };
    await stage.once(
      name,
      step,
      (tx) => openAccount(tx, vouched),
      () => null,
    );
  };
}

function introduces(name: PersonName): Act {
  const { headline, bio } = people[name];
  return async (stage, step) =>
    void (await stage.once(
      name,
      step,
      (tx) => changeProfile(tx, { headline, bio }),
      () => null,
    ));
}
