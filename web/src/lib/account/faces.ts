import { getAvatar } from '@safesend/shared/files/calls.ts';
import { addressOf } from '#lib/api/send.ts';
import { pictures } from '#lib/ui/pictures.svelte.ts';

/** From now on this person is drawn with this picture, wherever he is. */
export function learnFace(userId: string, avatarId: string | null): void {
  const address = (size: 'small' | 'large') => addressOf(getAvatar, { params: { avatarId }, query: { size } });
  pictures.set(userId, avatarId === null ? null : { small: address('small'), large: address('large') });
}

export function learnFaces(profiles: readonly { readonly userId: string; readonly avatarId: string | null }[]): void {
  for (const { userId, avatarId } of profiles) learnFace(userId, avatarId);
}
