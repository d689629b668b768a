import { injectable } from 'inversify';
import { ListRefusals } from '#application/usage/list-refusals';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { RefusalListResponse, refusalResponse } from './refusal.response.js';

/** Why a user was blocked, and what can be done about it. */
@injectable()
export class RefusalController implements Controller {
  constructor(private readonly listRefusals: ListRefusals) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/usage/refusals',
      tag: 'usage',
      summary: 'What plan, credit or budget refused you, newest first, and what can be done about it',
      description:
        'Kept for 90 days, and the newest 100. The same refusal within a second is listed once. `still_refused` and ' +
        '`remedies` are as of now; nothing is reserved by asking.',
      access: 'user',
      page: true,
      query: PageQuery,
      answer: RefusalListResponse,
      refusals: ['unavailable'],
      handle: async ({ caller: { userId, role }, query }) =>
        pageResponse(await this.listRefusals.execute(userId, role, query), query, refusalResponse),
    }),
  ];
}
