import { queryOne, type Em } from '../../../kernel/sql.ts';

/** While something of his, or of nobody in particular, differs between the books and the processor, nothing is released to him. */
export async function isStopped(em: Em, processor: string, freelancerId: string): Promise<boolean> {
  const text = `select 1 as one from processor_differences
    where processor = $1 and (freelancer_id = $2 or freelancer_id is null) limit 1`;
  return (await queryOne(em, text, [processor, freelancerId])) !== null;
}
