import { Migration001_log } from './Migration001_log.ts';
import { Migration002_accounts } from './Migration002_accounts.ts';
import { Migration003_messages } from './Migration003_messages.ts';
import { Migration004_projects } from './Migration004_projects.ts';
import { Migration005_notifications } from './Migration005_notifications.ts';
import { Migration006_notifications_by_room } from './Migration006_notifications_by_room.ts';
import { Migration007_hot_path } from './Migration007_hot_path.ts';
import { Migration008_people } from './Migration008_people.ts';
import { Migration009_sealed_answers } from './Migration009_sealed_answers.ts';
import { Migration010_expired_credentials } from './Migration010_expired_credentials.ts';
import { Migration011_same_heads } from './Migration011_same_heads.ts';
import { Migration012_live_credentials } from './Migration012_live_credentials.ts';
import { Migration013_files } from './Migration013_files.ts';
import { Migration014_downloads } from './Migration014_downloads.ts';
import { Migration015_avatars } from './Migration015_avatars.ts';
import { Migration017_ledger } from './Migration017_ledger.ts';
import { Migration018_holds } from './Migration018_holds.ts';
import { Migration019_milestones } from './Migration019_milestones.ts';
import { Migration020_processor } from './Migration020_processor.ts';
import { Migration021_papers } from './Migration021_papers.ts';

/** Every migration in the order in which it runs. Forward only; one idea each. */
export const migrations = [
  { name: '001_log', class: Migration001_log },
  { name: '002_accounts', class: Migration002_accounts },
  { name: '003_messages', class: Migration003_messages },
  { name: '004_projects', class: Migration004_projects },
  { name: '005_notifications', class: Migration005_notifications },
  { name: '006_notifications_by_room', class: Migration006_notifications_by_room },
  { name: '007_hot_path', class: Migration007_hot_path },
  { name: '008_people', class: Migration008_people },
  { name: '009_sealed_answers', class: Migration009_sealed_answers },
  { name: '010_expired_credentials', class: Migration010_expired_credentials },
  { name: '011_same_heads', class: Migration011_same_heads },
  { name: '012_live_credentials', class: Migration012_live_credentials },
  { name: '013_files', class: Migration013_files },
  { name: '014_downloads', class: Migration014_downloads },
  { name: '015_avatars', class: Migration015_avatars },
  { name: '017_ledger', class: Migration017_ledger },
  { name: '018_holds', class: Migration018_holds },
  { name: '019_milestones', class: Migration019_milestones },
  { name: '020_processor', class: Migration020_processor },
  { name: '021_papers', class: Migration021_papers },
];
