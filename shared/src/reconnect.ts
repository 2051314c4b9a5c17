/** How long to wait before connecting again, in milliseconds: longer each time, and never everybody at once. */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(3_000 * 1.5 ** attempt, 6_000);
  return 300 + random() * (longest - 300);
}
