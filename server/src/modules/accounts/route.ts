import type { Door } from '../../kernel/http.ts';
import { credentialRoutes } from './route/credentials.ts';
import { entranceRoutes, type Entrance } from './route/entrance.ts';
import { passkeyRoutes } from './route/passkeys.ts';
import { settingsRoutes, type SettingsDeps } from './route/settings.ts';

export type AccountDeps = Entrance & SettingsDeps;

export function accountRoutes(door: Door, deps: AccountDeps): void {
  entranceRoutes(door, deps);
  credentialRoutes(door, deps);
  passkeyRoutes(door, deps);
  settingsRoutes(door, deps);
}
