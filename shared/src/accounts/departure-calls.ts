import { call } from '../call.ts';

export const exportAccount = call({
  method: 'get',
  path: '/auth/export',
  summary: 'Everything the product keeps about me and every fact I may see, as one JSON document',
  access: 'session',
  answers: { 200: null },
});
export const closeAccount = call({
  method: 'delete',
  path: '/auth/account',
  summary: 'Close my account for ever; refused while money or a project of mine is under way',
  access: 'session',
  answers: { 204: null },
});
