import type { Door, StreamDoor } from '../../kernel/http.ts';
import { fileDoors, type FilesSetup } from './route/files.ts';
import { uploadDoors } from './route/uploads.ts';
import type { Receiving } from './service/receiving.ts';

export function fileRoutes(door: Door, stream: StreamDoor, receiving: Receiving, setup: FilesSetup): void {
  uploadDoors(stream, receiving);
  fileDoors(door, setup);
}
