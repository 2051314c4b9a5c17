import { getDashboard } from '@safesend/shared/projects/calls.ts';
import type { Door } from '../../kernel/http.ts';
import { findDashboard } from './service.ts';

export function insightRoutes(door: Door): void {
  door(getDashboard, ({ em, me }) => findDashboard(em, me));
}
