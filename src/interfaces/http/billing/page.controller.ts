import { injectable } from 'inversify';
import { GetPage } from '#application/accounts/get-page';
import { PageSessionCreation } from '#application/accounts/page-session-creation';
import { findId } from '#domain/shared/id';
import { PageSettings } from '../page/page-settings.js';
import { Controller, operation } from '../shared/operation.js';
import { PageSessionBody } from './page.request.js';
import { BillingPageResponse, billingPageResponse, PageSessionResponse, pageSessionResponse } from './page.response.js';

/** The way to the billing page, and what the page asks first. */
@injectable()
export class PageController implements Controller {
  constructor(
    private readonly creation: PageSessionCreation,
    private readonly getPage: GetPage,
    private readonly settings: PageSettings,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/billing/page-session',
      tag: 'billing',
      summary: 'Make a link to the billing page, good for an hour',
      description:
        'For your own backend: send the user to `url`. The link signs in one browser; an embedded page sends the token as a bearer ' +
        'instead, and then it cannot be exchanged any more.',
      access: 'user',
      status: 201,
      body: PageSessionBody,
      answer: PageSessionResponse,
      refusals: ['forbidden', 'not_found', 'invalid', 'too_many'],
      shownOnce: ['token', 'url'],
      handle: async ({ caller, body }) =>
        pageSessionResponse(
          await this.creation.execute(caller, {
            userId: findId<'User'>(body.user_id) ?? caller.userId,
            scope: body.scope,
            returnUrl: body.return_url ?? null,
          }),
        ),
    }),
    operation({
      method: 'get',
      path: '/api/v1/billing/page',
      tag: 'billing',
      summary: 'Who is signed in to the billing page, until when, and where it leads back to',
      access: 'user',
      page: true,
      answer: BillingPageResponse,
      handle: async ({ caller }) => billingPageResponse(await this.getPage.execute(caller), this.settings.embedOrigins),
    }),
  ];
}
