import { findRegistrationMode } from '#lib/account/registration.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ fetch }) => ({ registration: await findRegistrationMode(fetch) });
