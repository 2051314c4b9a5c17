/** What only a room with files draws. */
export { default as FileRow } from './FileRow.svelte';
export { default as FileShortList } from './FileShortList.svelte';
export { default as MessageFiles } from './MessageFiles.svelte';
