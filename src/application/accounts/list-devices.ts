import { type Device, DeviceRepository } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import { UseCase } from '../use-case.js';

/** The API keys of a user, newest first, revoked ones included. */
@UseCase()
export class ListDevices {
  constructor(private readonly devices: DeviceRepository) {}

  execute(userId: UserId): Promise<readonly Device[]> {
    return this.devices.listOf(userId);
  }
}
