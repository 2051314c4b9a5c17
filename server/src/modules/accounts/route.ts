import type { Door } from '../../kernel/http.ts';
import { credentialRoutes } from './route/credentials.ts';
import { entranceRoutes, type Entrance } from './route/entrance.ts';
import { settingsRoutes, type Operators } from './route/settings.ts';

export type AccountDeps = Entrance & Operators;

export function accountRoutes(door: Door, deps: AccountDeps): void {
  entranceRoutes(door, deps);
  credentialRoutes(door, deps);
  settingsRoutes(door, deps);
}
