/** What only a room with milestones draws and tells. */
export { default as FactNext } from './FactNext.svelte';
export { default as MilestoneCard } from './MilestoneCard.svelte';
export { workWords } from '#lib/rooms/work-words.ts';
