import { z } from 'zod';
import { migrations } from '../../../../migrations/index.ts';
import { BackupProblem } from './problem.ts';

/** Raised when an archive is laid out in a way that an older product would misread. */
export const archiveFormat = 1;
export const manifestPath = 'manifest.json';

/** Said in every archive, so that nobody finds out on the day he needs it. */
export const notIncluded = [
  'Redis (it holds nothing that must survive)',
  'logs',
  'environment variables and their secrets: database and mail passwords, Stripe, S3 and TURN keys, METRICS_TOKEN',
  'files kept in S3 (STORAGE_DRIVER=s3): back up the bucket',
  'presence, and jobs that were already done',
] as const;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().regex(/^[a-z_][a-z0-9_]*$/);
const table = z.object({ name, columns: z.array(name), rows: z.number().int().min(0) });

const manifestSchema = z.object({
  format: z.literal(archiveFormat),
  product: z.literal('SafeSend'),
  productVersion: z.string(),
  /** The moment of the database's snapshot, by its clock. */
  createdAt: z.iso.datetime(),
  postgresVersion: z.string(),
  /** In the order in which they ran. */
  migrations: z.array(z.string()).min(1),
  /** In an order in which they can be loaded. */
  tables: z.array(table),
  /** Work promised and not yet done, mails above all. */
  jobs: table,
  folders: z.array(z.string().regex(/^[^./\\][^/\\]*$/)),
  notIncluded: z.array(z.string()),
  entries: z.array(z.object({ path: z.string(), size: z.number().int().min(0), sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type ArchivedTable = z.infer<typeof table>;
export type ArchiveEntry = Manifest['entries'][number];

const newerSchema = z.object({ format: z.number(), productVersion: z.string(), migrations: z.array(z.string()) });

/** Reads a manifest this product can restore from; an archive of a newer product is refused by name. */
export function readManifest(json: string): Manifest {
  const content = parsed(json);
  const hint = newerSchema.safeParse(content);
  if (hint.success) refuseNewer(hint.data);
  const manifest = manifestSchema.safeParse(content);
  if (!manifest.success) throw new BackupProblem('damaged', 'The archive is damaged: its manifest is not readable.');
  return manifest.data;
}

function refuseNewer({ format, productVersion, migrations: theirs }: z.infer<typeof newerSchema>): void {
  const unknown = theirs.find((it, at) => migrations[at]?.name !== it);
  if (format <= archiveFormat && unknown === undefined) return;
  const what = unknown === undefined ? `format ${format}` : `migration ${unknown}`;
  const reason = `The archive was made by another SafeSend (${productVersion}, with ${what}), newer than this one.`;
  throw new BackupProblem('failed', `${reason} Restore it with that version.`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
