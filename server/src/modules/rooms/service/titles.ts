/** SQL: the last name of its project that a room told up to a fact; null where it told none. What it is called since says it to nobody else. */
export const titleUpTo = (
  roomId: string,
  seq: string,
) => `(select d.data ->> 'title' from facts f join fact_payloads d using (room_id, seq)
    where f.room_id = ${roomId} and f.type like 'project.%' and f.seq <= ${seq} order by f.seq desc limit 1)`;

/** SQL: up to which fact the first of these people to leave a room, and not come back, was told; null while all of them are there. */
export const untilLeft = (roomId: string, ...userIds: readonly string[]) =>
  `(select min(until) from (select max(until_seq) as until from memberships where room_id = ${roomId}
      and user_id in (${userIds.join(', ')}) group by user_id having count(*) = count(until_seq)) g)`;
