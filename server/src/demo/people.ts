import type { NewAccount } from '../modules/accounts/service/registration.ts';

interface DemoPerson extends Pick<NewAccount, 'email' | 'username' | 'displayName' | 'role'> {
  /** Fixed, so that a start finds the people an earlier one made: nobody who signs up can be given such an id. */
  readonly id: string;
  readonly headline: string;
  readonly bio: string;
}

/** They have no passwords: one-time links let them in. Their addresses are of a domain that exists nowhere (RFC 2606). */
export const people = {
  clara: {
    id: '0199c0de-0001-7000-8000-000000000001',
    email: 'clara@nordlicht.example',
    username: 'clara',
    displayName: 'Clara Lindqvist',
    role: 'client',
    headline: 'Roasts coffee at Nordlicht, Malmö',
    bio: 'We buy from eleven farms, roast on Tuesdays and Fridays and are about to sell online properly for the first time.',
  },
  david: {
    id: '0199c0de-0002-7000-8000-000000000002',
    email: 'david.okafor@harbourmuseum.example',
    username: 'david',
    displayName: 'David Okafor',
    role: 'client',
    headline: 'Exhibitions at the Harbour Museum, Bristol',
    bio: 'Curator by training, producer by necessity. I answer in the morning, before the school groups arrive.',
  },
  tomas: {
    id: '0199c0de-0003-7000-8000-000000000003',
    email: 'tomas@rivera.example',
    username: 'tomas',
    displayName: 'Tomás Rivera',
    role: 'freelancer',
    headline: 'Web developer: small shops that load fast',
    bio: 'Ten years of shops and booking systems. I deploy on Thursdays, never on Fridays.',
  },
  mei: {
    id: '0199c0de-0004-7000-8000-000000000004',
    email: 'mei@tanaka-studio.example',
    username: 'mei',
    displayName: 'Mei Tanaka',
    role: 'freelancer',
    headline: 'Illustration and packaging',
    bio: 'Labels, boxes, signs. Everything is drawn by hand first and measured twice before it goes to the printer.',
  },
  jonas: {
    id: '0199c0de-0005-7000-8000-000000000005',
    email: 'jonas@weber-text.example',
    username: 'jonas',
    displayName: 'Jonas Weber',
    role: 'freelancer',
    headline: 'Copy and translation: German, English, Swedish',
    bio: 'Texts for exhibitions and small brands. I read everything aloud before I hand it over.',
  },
} as const satisfies Record<string, DemoPerson>;

export type PersonName = keyof typeof people;
export const personNames = Object.keys(people) as PersonName[];
