import { expect, test } from '../fixtures.ts';

test('UX 38 UX 66 A20 a passkey is added, signs in alone, and is removed', async ({ visit, server, line }) => {
  line.mayRefuse = true;
  // A passkey belongs to the name of a site; the number of a machine has none.
  const url = server.url.replace('127.0.0.1', 'localhost');
  const pia = await visit('Pia Passkey', 'client');
  const { page, context } = pia;
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  const letPresent = (enabled: boolean) =>
    devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  // A page that is opened so offers nothing by itself: what the button does is seen apart.
  await page.addInitScript(() => {
    if (location.search === '?still') PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  const signOut = async () => {
    await letPresent(false);
    await page.getByRole('button', { name: /Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(`${url}/signin`);
  };
  const keys = async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length;
  await pia.register(url);

  await page.goto(`${url}/settings?tab=passkeys`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('My laptop');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByLabel('Your password', { exact: true })).toBeFocused();
  await page.keyboard.type(pia.password);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByText('Nothing was confirmed. Try again.', { exact: true })).toBeVisible();
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog).toBeHidden();
  const entry = page.getByRole('listitem').filter({ hasText: 'My laptop' });
  await expect(entry).toContainText('never used');
  expect(await keys()).toBe(1);
  await expect.poll(async () => (await server.mailTo(pia.email, /passkey was added/))?.text).toContain('My laptop');

  await signOut();
  await page.goto(`${url}/signin?still`);
  await expect(page.getByLabel('E-mail address')).toHaveAttribute('autocomplete', 'username webauthn');
  await letPresent(true);
  // The device does not know its owner: nobody gets in, and the page says so.
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByText('Nothing was confirmed.')).toBeVisible();
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page).toHaveURL(`${url}/dashboard`);
  await signOut();
  await letPresent(true);
  await page.goto(`${url}/signin`);
  await expect(page, 'picked where the address is typed').toHaveURL(`${url}/dashboard`);

  await page.goto(`${url}/settings?tab=passkeys`);
  await expect(entry).toContainText('last used');
  await page.getByRole('button', { name: 'Remove My laptop' }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(dialog.getByText('Thank you, that is you.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('No passkeys yet')).toBeVisible();
});
