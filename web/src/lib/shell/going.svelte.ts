import { navigating, page } from '$app/state';

/** Where the person is or is going: what he chose is marked at once, while its page is still on its way. */
export const going = {
  get pathname(): string {
    return (navigating.to ?? page).url.pathname;
  },
  /** Null where the page only changes what it shows. */
  get routeId(): string | null {
    const { to } = navigating;
    return to && to.url.pathname !== page.url.pathname ? (to.route.id ?? '') : null;
  },
};
