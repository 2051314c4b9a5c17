import type { Env } from '../kernel/env.ts';
import { clockRoutes } from '../kernel/clock.ts';
import type { Signer } from '../kernel/checkpoint.ts';
import type { Door, StreamDoor } from '../kernel/http.ts';
import type { OwnOrigin } from '../kernel/origin.ts';
import type { Imaging } from '../kernel/ports/imaging.ts';
import type { MailPort } from '../kernel/ports/mail.ts';
import type { Vault } from '../kernel/vault.ts';
import { accountRoutes, type AccountDeps } from '../modules/accounts/route.ts';
import { contributeAccount } from '../modules/accounts/service/profile.ts';
import { adminRoutes } from '../modules/admin/route.ts';
import { escrowRoutes } from '../modules/escrow/route.ts';
import { paperRoutes } from '../modules/escrow/route/papers.ts';
import { taxRoutes } from '../modules/escrow/route/tax.ts';
import { walletRoutes } from '../modules/escrow/route/wallet.ts';
import { departureRoutes } from '../modules/departure/route.ts';
import { fileRoutes } from '../modules/files/route.ts';
import { contributeFiles } from '../modules/files/service/reading.ts';
import { Receiving, type ReceivingDeps } from '../modules/files/service/receiving.ts';
import { insightRoutes } from '../modules/insights/route.ts';
import { notificationRoutes } from '../modules/notifications/route.ts';
import { contributeNotifications } from '../modules/notifications/service.ts';
import { projectRoutes } from '../modules/projects/route.ts';
import { findClaim } from '../modules/projects/service/deliveries.ts';
import { isInvited } from '../modules/projects/service/invitations.ts';
import { contributeProject, projectRules } from '../modules/projects/service/rooms.ts';
import { roomRoutes } from '../modules/rooms/route.ts';
import type { MarkRead } from '../modules/rooms/service/marks.ts';
import type { Post } from '../modules/rooms/service/posting.ts';
import type { Signals } from '../modules/rooms/service/signals.ts';

const contributors = [contributeAccount, contributeFiles, contributeProject, contributeNotifications];

interface Mounting {
  readonly door: Door;
  readonly stream: StreamDoor;
  readonly origin: OwnOrigin;
  readonly authenticate: AccountDeps['authenticate'];
  readonly signer: Signer;
  readonly signals: Signals;
  readonly post: Post;
  readonly markRead: MarkRead;
  readonly env: Env;
  readonly money: Parameters<typeof escrowRoutes>[2];
  readonly files: ReceivingDeps;
  readonly imaging: Imaging;
  readonly mail: MailPort;
  readonly vault: Vault;
}

/** The HTTP calls of every module. */
export function mountDoors(deps: Mounting): void {
  const { door, stream, origin, authenticate, signer, signals, post, markRead, env, money, files, imaging } = deps;
  const { mail, vault } = deps;
  const { processor } = money;
  roomRoutes(door, { rules: projectRules, contributors, signer, signals, post, markRead });
  const fees = { platformFeeBps: env.PLATFORM_FEE_BPS, serviceFeeBps: env.SERVICE_FEE_BPS };
  projectRoutes(door, { origin, processor, fees });
  notificationRoutes(door);
  insightRoutes(door);
  if (env.testClock) clockRoutes(door);
  escrowRoutes(door, stream, money, origin);
  walletRoutes(door, processor);
  paperRoutes(door, money.transact, processor);
  taxRoutes(door);
  fileRoutes(door, stream, new Receiving(files), {
    ...{ ...files, findClaim, vault, imaging, scanned: files.scanner !== null },
  });
  adminRoutes(door, { store: env.STORAGE_DRIVER, scanner: files.scanner, outbox: mail.outbox, vault });
  departureRoutes(door, processor);
  accountRoutes(door, {
    ...{ authenticate, origin, registrationGate: isInvited },
    readReceiptsChanged: (em, userId) => signals.receiptsChanged(em, userId),
  });
}
