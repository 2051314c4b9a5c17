import { getStorageReport } from '@safesend/shared/admin/calls.ts';
import type { Door } from '../../kernel/http.ts';
import { reportStorage, type StorageSetup } from './service.ts';

export function adminRoutes(door: Door, setup: StorageSetup): void {
  door(getStorageReport, ({ em, me }) => reportStorage(em, me, setup));
}
