import * as calls from '@safesend/shared/files/calls.ts';
import type { Door, StreamDoor } from '../../../kernel/http.ts';
import { findAvatar, removeAvatar, setAvatar, type AvatarDeps } from '../service/avatars.ts';
import { contentResponse } from '../service/content.ts';

export function avatarDoors(door: Door, stream: StreamDoor, deps: AvatarDeps): void {
  const { path, summary, access } = calls.setAvatar;
  stream({ method: 'put', path, summary, access }, async (c, identity) => {
    const { body, headers } = c.req.raw;
    const user = await setAvatar(deps, identity?.userId ?? '', { body, type: headers.get('content-type') ?? '' });
    return c.json({ user });
  });
  door(calls.removeAvatar, async ({ me }) => {
    await removeAvatar(deps, me);
    return null;
  });
  door(calls.getAvatar, async ({ c, em, me: userId, params: { avatarId }, query: { size: variant = 'small' } }) => {
    const find = () => findAvatar(em.fork(), deps.storage, { avatarId, userId, variant });
    const picture = { ...(await find()), tag: `${avatarId}-${variant}`, type: 'image/webp', name: 'picture.webp' };
    return contentResponse(c, deps.storage, { ...picture, disposition: 'inline', isFinal: true, stillMay: find });
  });
}
