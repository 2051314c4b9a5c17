import { navigating, page } from '$app/state';

/** Where the person is or is going: what he chose is marked at once, while its page is still on its way. */
let isLate = $state(false);

export const going = {
  get pathname(): string {
    // What is no page of ours, such as a file to be saved, is nowhere to go.
    return (navigating.to?.route.id ? navigating.to : page).url.pathname;
  },
  /** Null where the page only changes what it shows. */
  get routeId(): string | null {
    const { to } = navigating;
    return to?.route.id && to.url.pathname !== page.url.pathname ? to.route.id : null;
  },
  /** The page has been on its way for so long that its outline stands in its place. */
  get isLate(): boolean {
    return isLate;
  },
  set isLate(late: boolean) {
    isLate = late;
  },
};
