import type { Door, StreamDoor } from '../../kernel/http.ts';
import { avatarDoors } from './route/avatars.ts';
import { fileDoors } from './route/files.ts';
import { shareDoors, type SharesSetup } from './route/shares.ts';
import { uploadDoors } from './route/uploads.ts';
import type { AvatarDeps } from './service/avatars.ts';
import type { Receiving } from './service/receiving.ts';

export function fileRoutes(
  door: Door,
  stream: StreamDoor,
  receiving: Receiving,
  setup: SharesSetup & AvatarDeps,
): void {
  uploadDoors(stream, receiving);
  fileDoors(door, setup);
  shareDoors(door, setup);
  avatarDoors(door, stream, setup);
}
