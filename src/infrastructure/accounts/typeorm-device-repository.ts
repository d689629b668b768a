import { injectable } from 'inversify';
import { IsNull, QueryFailedError } from 'typeorm';
import { Device, type DeviceId, DeviceNameTaken, DeviceNotFound, type DeviceRepository } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { deviceOf, type DeviceRow } from './device.table.js';

const UNIQUE_VIOLATION = '23505';

@injectable()
export class TypeOrmDeviceRepository implements DeviceRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(device: Device): Promise<void> {
    try {
      await this.database.writer.insert(Device, device);
    } catch (error) {
      if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === UNIQUE_VIOLATION) {
        throw new DeviceNameTaken(device.name);
      }
      throw error;
    }
  }

  async get(id: DeviceId, userId: UserId): Promise<Device> {
    const device = await this.database.reader.findOneBy(Device, { id, userId });
    if (!device) throw new DeviceNotFound(id);
    return device;
  }

  async save(device: Device): Promise<void> {
    await this.database.writer.update(
      Device,
      { id: device.id, userId: device.userId },
      { revokedAt: device.revokedAt },
    );
  }

  listOf(userId: UserId): Promise<readonly Device[]> {
    return this.database.reader.find(Device, { where: { userId }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  countActive(userId: UserId): Promise<number> {
    return this.database.reader.countBy(Device, { userId, revokedAt: IsNull() });
  }

  async findActiveByHash(keyHash: string, now: Date): Promise<Device | null> {
    const { rows } = await this.database.prepared<DeviceRow>(FIND_BY_HASH, [keyHash]);
    if (!rows[0]) return null;
    const device = deviceOf(rows[0]);
    const seen = device.lastSeenAt?.getTime() ?? 0;
    if (now.getTime() - seen > REMEMBERED_EVERY_MS) await this.remember(device, now);
    return device;
  }

  /** Waits for no row that another request is writing: that one remembers the same minute. */
  private async remember(device: Device, now: Date): Promise<void> {
    await this.database.prepared(REMEMBER, [device.id, now]);
  }
}

const REMEMBERED_EVERY_MS = 60_000;

const FIND_BY_HASH: PreparedStatement = {
  name: 'find_device',
  // Every column by its name: PostgreSQL refuses a prepared `*` as soon as a newer version adds one.
  text: `
    select id, user_id, name, key_hash, prefix, last_four, created_at, last_seen_at, revoked_at
      from devices
     where key_hash = $1 and revoked_at is null`,
};

const REMEMBER: PreparedStatement = {
  name: 'remember_device',
  text: `
    update devices set last_seen_at = $2
     where id = (select id from devices where id = $1 for no key update skip locked)`,
};
