import { getFile, joinFile, removeFile, restoreVersion } from '@safesend/shared/files/calls.ts';
import type { AnswerOf } from '@safesend/shared/call.ts';
import { newId } from '@safesend/shared/new-id.ts';
import { send } from '#lib/api/send.ts';

/** A file with its versions, and what the person may do with it. */
export type FileInHand = AnswerOf<typeof getFile>;

export async function findFile(fileId: string): Promise<FileInHand> {
  return send(getFile, { params: { fileId } });
}

export async function remove(fileId: string): Promise<void> {
  await send(removeFile, { params: { fileId }, commandId: newId() });
}

export async function restore(fileId: string, version: number): Promise<void> {
  await send(restoreVersion, { params: { fileId }, body: { version }, commandId: newId() });
}

/** The younger file becomes the newest version of the elder. */
export async function join(elderId: string, youngerId: string): Promise<void> {
  await send(joinFile, { params: { fileId: elderId }, body: { fileId: youngerId }, commandId: newId() });
}
