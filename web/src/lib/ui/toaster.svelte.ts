/** Where messages appear; drawn with the first one. */
export const toaster = $state({ isAsked: false });

let nowThere: () => void;
const there = new Promise<void>((resolve) => (nowThere = resolve));

const said: { readonly at: number; readonly dismiss: () => void }[] = [];

/** What is said on a page goes with it. */
export function saidHere(at: number, dismiss: () => void): void {
  said.push({ at, dismiss });
}

/** Somebody left the page at this moment; what was said about the leaving itself is younger. */
export function leftPage(at: number): void {
  const gone = said.filter((it) => it.at < at);
  said.splice(0, said.length, ...said.filter((it) => it.at >= at));
  for (const { dismiss } of gone) dismiss();
}

/** Resolves when there is a place that screen readers watch: only then do they read what appears in it. */
export function askToaster(): Promise<void> {
  toaster.isAsked = true;
  return there;
}

export function toasterIsThere(): void {
  nowThere();
}
