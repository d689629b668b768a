import { injectable } from 'inversify';
import { pageSessionOf } from '#application/accounts/authentication';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { DeviceRevocation } from '#application/accounts/device-revocation';
import { GetProfile } from '#application/accounts/get-profile';
import { ListDevices } from '#application/accounts/list-devices';
import { DeviceNotFound } from '#domain/accounts/device';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import { CreateDeviceRequest } from './account.request.js';
import {
  DeviceListResponse,
  deviceResponse,
  DeviceResponse,
  NewDeviceResponse,
  profileResponse,
  ProfileResponse,
} from './account.response.js';

/** What a user sees of the own account, and the keys to it. */
@injectable()
export class AccountController implements Controller {
  constructor(
    private readonly getProfile: GetProfile,
    private readonly listDevices: ListDevices,
    private readonly registration: DeviceRegistration,
    private readonly revocation: DeviceRevocation,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/me',
      tag: 'me',
      summary: 'Who is asking, under which plan and in which billing period',
      access: 'user',
      answer: ProfileResponse,
      handle: async ({ caller }) => profileResponse(await this.getProfile.execute(caller.userId), caller.deviceId),
    }),
    operation({
      method: 'get',
      path: '/api/v1/devices',
      tag: 'me',
      summary: 'List the API keys of this account, newest first, revoked ones included',
      access: 'user',
      page: true,
      query: PageQuery,
      answer: DeviceListResponse,
      handle: async ({ caller, query }) => {
        const devices = await this.listDevices.execute(caller.userId);
        const items = devices.slice(query.offset, query.offset + query.limit);
        return pageResponse({ items, total: devices.length }, query, deviceResponse);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/devices',
      tag: 'me',
      summary: 'Create an API key, which is shown in this answer alone',
      access: 'user',
      page: true,
      status: 201,
      body: CreateDeviceRequest,
      answer: NewDeviceResponse,
      refusals: ['forbidden', 'conflict'],
      shownOnce: ['key'],
      handle: async ({ caller, body }) => {
        const { device, secret } = await this.registration.execute(
          caller.userId,
          body.name.trim(),
          null,
          pageSessionOf(caller),
        );
        return { ...deviceResponse(device), key: secret };
      },
    }),
    operation({
      method: 'delete',
      path: '/api/v1/devices/:id',
      tag: 'me',
      summary: 'Revoke an API key; it stops working within a second',
      description: 'Revoking twice changes nothing. The key that makes the request can revoke itself.',
      access: 'user',
      page: true,
      answer: DeviceResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        deviceResponse(await this.revocation.execute(idParam(call, DeviceNotFound), call.caller.userId)),
    }),
  ];
}
