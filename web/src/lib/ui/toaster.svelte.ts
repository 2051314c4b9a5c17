/** Where messages appear; drawn with the first one. */
export const toaster = $state({ isAsked: false });

let nowThere: () => void;
const there = new Promise<void>((resolve) => (nowThere = resolve));

/** Resolves when there is a place that screen readers watch: only then do they read what appears in it. */
export function askToaster(): Promise<void> {
  toaster.isAsked = true;
  return there;
}

export function toasterIsThere(): void {
  nowThere();
}
