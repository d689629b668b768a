import { type Device, type DeviceId, DeviceRepository } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CallerCache } from './caller-cache.js';

/** Takes an API key out of use: here at once, in every other process within a second. */
@UseCase()
export class DeviceRevocation {
  constructor(
    private readonly devices: DeviceRepository,
    private readonly callers: CallerCache,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Throws DeviceNotFound. Revoking twice changes nothing. */
  async execute(id: DeviceId, userId: UserId): Promise<Device> {
    const device = await this.transaction.run(async () => {
      const revoked = (await this.devices.get(id, userId)).revoked(this.clock.now());
      await this.devices.save(revoked);
      return revoked;
    });
    this.callers.clear();
    return device;
  }
}
