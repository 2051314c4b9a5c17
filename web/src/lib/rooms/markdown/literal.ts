interface Extensions {
  micromarkExtensions?: object[];
}

/** HTML stays what was typed, as text; footnotes make no sense inside one message. */
const unwanted = ['htmlFlow', 'htmlText', 'gfmFootnoteDefinition', 'gfmFootnoteCall', 'gfmPotentialFootnoteCall'];

/** A remark plugin: what we do not want to be markup is never parsed as markup. */
export function literal(this: { data(): unknown }): void {
  const data = this.data() as Extensions;
  (data.micromarkExtensions ??= []).push({ disable: { null: unwanted } });
}
