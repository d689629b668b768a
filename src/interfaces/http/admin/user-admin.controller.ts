import { injectable } from 'inversify';
import { pageSessionOf } from '#application/accounts/authentication';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { GetAccount } from '#application/accounts/get-account';
import { ListUsers } from '#application/accounts/list-users';
import { UserChange, type UserChanges } from '#application/accounts/user-change';
import { UserRegistration } from '#application/accounts/user-registration';
import { GetRunningSubscription, remarkOn } from '#application/billing/get-running-subscription';
import { UserNotFound } from '#domain/accounts/user-repository';
import { deviceResponse, NewDeviceResponse } from '../accounts/account.response.js';
import { type Call, Controller, operation, type Shape } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import {
  ChangePlanRequest,
  ChangeRoleRequest,
  CreateUserDeviceRequest,
  CreateUserRequest,
  ListUsersQuery,
  ReasonedRequest,
} from './user-admin.request.js';
import {
  AdminAccountResponse,
  adminAccountResponse,
  AdminUserListResponse,
  AdminUserResponse,
  adminUserResponse,
  ChangedUserResponse,
} from './user-admin.response.js';

const NO_CHANGE: UserChanges = { plan: null, role: null, suspended: null };

/** An operator's deeds on users. Each leaves an audit entry with the operator's id and reason. */
@injectable()
export class UserAdminController implements Controller {
  constructor(
    private readonly listUsers: ListUsers,
    private readonly getAccount: GetAccount,
    private readonly registration: UserRegistration,
    private readonly change: UserChange,
    private readonly deviceRegistration: DeviceRegistration,
    private readonly running: GetRunningSubscription,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/users',
      tag: 'admin',
      summary: 'List users, newest first',
      access: 'admin',
      query: ListUsersQuery,
      answer: AdminUserListResponse,
      handle: async ({ query }) =>
        pageResponse(await this.listUsers.execute(query.search ?? null, query), query, adminUserResponse),
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/users/:id',
      tag: 'admin',
      summary: 'Get one user with limits, usage of the current period, and devices',
      access: 'admin',
      page: true,
      answer: AdminAccountResponse,
      refusals: ['not_found'],
      handle: async (call) => adminAccountResponse(await this.getAccount.execute(idParam(call, UserNotFound))),
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/users',
      tag: 'admin',
      summary: 'Create a user, whose first billing period begins now',
      access: 'admin',
      status: 201,
      body: CreateUserRequest,
      answer: AdminUserResponse,
      refusals: ['conflict'],
      handle: async ({ caller, body: { email, name, plan, role, reason } }) =>
        adminUserResponse(
          await this.registration.execute({ email, name, plan, role, actor: caller.userId, reason: reason ?? null }),
        ),
    }),
    this.changing('plan', 'Put a user on another plan', ChangePlanRequest, ({ plan }) => ({ plan }), {
      description: 'The new limits apply at once, and what was used stays used.',
    }),
    this.changing('role', 'Give a user another role', ChangeRoleRequest, ({ role }) => ({ role }), LAST_ADMIN_STAYS),
    this.changing('suspend', 'Suspend a user', ReasonedRequest, () => ({ suspended: true }), LAST_ADMIN_STAYS),
    this.changing('reinstate', 'Let a suspended user back in', ReasonedRequest, () => ({ suspended: false })),
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/devices',
      tag: 'admin',
      summary: 'Create an API key for a user, which is shown in this answer alone',
      access: 'admin',
      status: 201,
      body: CreateUserDeviceRequest,
      answer: NewDeviceResponse,
      refusals: ['not_found', 'conflict', 'forbidden'],
      shownOnce: ['key'],
      handle: async (call) => {
        const { name, reason } = call.body;
        const { device, secret } = await this.deviceRegistration.execute(
          idParam(call, UserNotFound),
          name.trim(),
          { actor: call.caller.userId, reason },
          pageSessionOf(call.caller),
        );
        return { ...deviceResponse(device), key: secret };
      },
    }),
  ];

  private changing<Body extends ReasonedRequest>(
    deed: string,
    summary: string,
    body: Shape<Body>,
    changes: (body: Body) => Partial<UserChanges>,
    more: { readonly description?: string } = {},
  ) {
    return operation({
      method: 'post',
      path: `/api/v1/admin/users/:id/${deed}`,
      tag: 'admin',
      summary,
      ...more,
      access: 'admin',
      body,
      answer: ChangedUserResponse,
      refusals: ['not_found', 'conflict'],
      handle: async (call: Call<Body, object, unknown>) => {
        const operator = { actor: call.caller.userId, reason: call.body.reason };
        const wanted = { ...NO_CHANGE, ...changes(call.body) };
        const user = await this.change.execute(idParam(call, UserNotFound), wanted, operator);
        const remark = remarkOn(await this.running.execute(user.id), user);
        return { ...adminUserResponse(user), subscription_remark: remark };
      },
    });
  }
}

const LAST_ADMIN_STAYS = {
  description: 'Refused with `last_admin` for the last active admin: nobody could undo it.',
};
