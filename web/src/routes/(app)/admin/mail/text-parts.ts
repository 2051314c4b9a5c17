export interface TextPart {
  readonly text: string;
  readonly isLink: boolean;
}

/** A mail as it was written, its addresses to follow: each stands on a line of its own or ends with a space. */
export function partsOf(text: string): TextPart[] {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, at) => ({ text: part, isLink: at % 2 === 1 }))
    .filter((part) => part.text !== '');
}
