/** What only a room with milestones draws. */
export { default as FactNext } from './FactNext.svelte';
export { default as MilestoneCard } from './MilestoneCard.svelte';
