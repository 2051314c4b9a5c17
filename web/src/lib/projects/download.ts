/** Hands a document to the person as a file. */
export function download(name: string, content: unknown): void {
  downloadText(`${name}.json`, 'application/json', JSON.stringify(content, null, 2));
}

export function downloadText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** `Site — 2nd try` → `site-2nd-try`. */
export function fileNameOf(title: string): string {
  const plain = title.toLocaleLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  return plain.replaceAll(/^-+|-+$/g, '').slice(0, 60) || 'project';
}
