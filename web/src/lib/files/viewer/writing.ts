/** What programs that know no Unicode write where these languages are read. */
const habits: Readonly<Record<string, string>> = {
  ...each('ru uk be bg sr mk', 'windows-1251'),
  ...each('pl cs sk hu hr sl ro sq', 'windows-1250'),
  ...each('et lv lt', 'windows-1257'),
  el: 'windows-1253',
  tr: 'windows-1254',
  he: 'windows-1255',
  ar: 'windows-1256',
  th: 'windows-874',
  ja: 'shift_jis',
  ko: 'euc-kr',
  zh: 'gb18030',
};

function each(languages: string, writing: string): Record<string, string> {
  return Object.fromEntries(languages.split(' ').map((it) => [it, writing]));
}

export interface Written {
  readonly text: string;
  /** In which writing it was read, where the file itself does not tell. */
  readonly guess: string | null;
}

/** The words of a file, or of its beginning, for somebody who reads this language. */
export function readWords(bytes: ArrayBuffer, language: string): Written {
  const [first = 0, second = 0] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return { text: decode(bytes, 'utf-16le'), guess: null };
  if (first === 0xfe && second === 0xff) return { text: decode(bytes, 'utf-16be'), guess: null };
  try {
    return { text: decode(bytes, 'utf-8', true), guess: null };
  } catch {
    const guess = habits[language.split('-')[0]?.toLowerCase() ?? ''] ?? 'windows-1252';
    return { text: decode(bytes, guess), guess };
  }
}

/** Of a beginning the last letter may be cut off. */
function decode(bytes: ArrayBuffer, writing: string, fatal = false): string {
  return new TextDecoder(writing, { fatal }).decode(bytes, { stream: true });
}
