import {
  type Device,
  type DeviceId,
  DeviceNameTaken,
  DeviceNotFound,
  type DeviceRepository,
} from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

const MINUTE_MS = 60_000;

export class InMemoryDeviceRepository implements DeviceRepository {
  private readonly rows: Table<Device>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('devices');
  }

  async add(device: Device): Promise<void> {
    this.transaction.mustRun();
    const name = device.name.toLowerCase();
    const taken = this.of(device.userId).some((one) => one.revokedAt === null && one.name.toLowerCase() === name);
    if (taken && device.revokedAt === null) throw new DeviceNameTaken(device.name);
    this.rows.put(device.id, device);
  }

  async get(id: DeviceId, userId: UserId): Promise<Device> {
    const device = this.rows.get(id);
    if (device?.userId !== userId) throw new DeviceNotFound(id);
    return device;
  }

  async save(device: Device): Promise<void> {
    this.transaction.mustRun();
    if (this.rows.get(device.id)?.userId === device.userId) this.rows.put(device.id, device);
  }

  async listOf(userId: UserId): Promise<readonly Device[]> {
    return this.of(userId).sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  }

  async countActive(userId: UserId): Promise<number> {
    return this.of(userId).filter(({ revokedAt }) => revokedAt === null).length;
  }

  findActiveByHash(keyHash: string, now: Date): Promise<Device | null> {
    return this.transaction.run(async () => {
      const device = this.rows.all().find((one) => one.keyHash === keyHash && one.revokedAt === null);
      if (!device) return null;
      if (device.lastSeenAt !== null && now.getTime() - device.lastSeenAt.getTime() <= MINUTE_MS) return device;
      const seen = Object.assign(Object.create(Object.getPrototypeOf(device) as object) as Device, device, {
        lastSeenAt: now,
      });
      this.rows.put(seen.id, seen);
      return device;
    });
  }

  private of(userId: UserId): Device[] {
    return this.rows.all().filter((device) => device.userId === userId);
  }
}
