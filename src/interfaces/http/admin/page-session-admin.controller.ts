import { IsInt, IsUUID, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { injectable } from 'inversify';
import { PageSessionClosing } from '#application/accounts/page-session-closing';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { ReasonedRequest } from './user-admin.request.js';

export class ClosedPageSessionsResponse {
  @IsUUID() user_id!: string;
  @JSONSchema({ description: 'How many were open, whether their link was used already or not.' })
  @IsInt()
  @Min(0)
  closed!: number;
}

/** Ends what a user has open at the billing page, and at the operators' one. */
@injectable()
export class PageSessionAdminController implements Controller {
  constructor(private readonly closing: PageSessionClosing) {}

  readonly operations = [
    operation({
      method: 'delete',
      path: '/api/v1/admin/users/:id/page-sessions',
      tag: 'admin',
      summary: 'End all sessions of the page that a user has open, and links that were not used yet',
      description:
        'They stop working within a second. API keys of the user go on working; revoke or suspend to stop those.',
      access: 'admin',
      query: ReasonedRequest,
      answer: ClosedPageSessionsResponse,
      refusals: ['not_found'],
      handle: async (call) => {
        const userId = idParam<'User'>(call, UserNotFound);
        const closed = await this.closing.execute(userId, { actor: call.caller.userId, reason: call.query.reason });
        return { user_id: userId, closed };
      },
    }),
  ];
}
