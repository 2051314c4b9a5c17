import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Makes a database of its own in a test cluster: a copy of `template`, or an empty one. Returns its address. */
export async function makeDatabase(clusterUrl: string, template?: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ connectionString: clusterUrl });
  await admin.connect();
  for (let tries = 1; ; tries++) {
    try {
      await admin.query(`create database ${name} ${template === undefined ? '' : `template ${template}`}`);
      break;
    } catch (error) {
      // Two test files copy the template at once: one of them waits its turn.
      if (tries >= 50 || (error as { code?: string }).code !== '55006') throw error;
    }
  }
  await admin.end();
  return Object.assign(new URL(clusterUrl), { pathname: `/${name}` }).href;
}

/** Runs one statement as the owner of a database, past every rule the product's own role obeys. */
export async function asOwner(url: string, statement: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(statement);
  await owner.end();
}
