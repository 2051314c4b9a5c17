import { fileNameOf, maxNameBytes } from './limits.ts';

const encoder = new TextEncoder();

/**
 * What a file is called that came with its folder: the folders it lay in and its name, each as a name of its own. What leads
 * elsewhere (`..`, the root) is no name. Where it is too long it keeps the folders next to it.
 */
export function filePathOf(given: string): string {
  const folders = given.split(/[/\\]/).slice(0, -1);
  const names = [...folders.filter((it) => !/^[\s.]*$/.test(it)), given].map(fileNameOf);
  let path = names.pop() ?? '';
  for (const folder of names.reverse()) {
    const longer = `${folder}/${path}`;
    if (encoder.encode(longer).length > maxNameBytes) break;
    path = longer;
  }
  return path;
}

/** The name alone, as it is saved under. */
export function lastNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
