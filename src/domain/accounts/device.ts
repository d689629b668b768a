import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { UserId } from './user.js';

export type DeviceId = Id<'Device'>;

/** A named API key of a user. The key itself was shown once and is known here by its hash alone. */
export class Device {
  constructor(
    readonly id: DeviceId,
    readonly userId: UserId,
    readonly name: string,
    readonly keyHash: string,
    /** Enough to recognise a key by, and useless to anyone else: `mb_live_` and its last four characters. */
    readonly prefix: string,
    readonly lastFour: string,
    readonly createdAt: Date,
    readonly lastSeenAt: Date | null,
    readonly revokedAt: Date | null,
  ) {}

  revoked(at: Date): Device {
    return Object.assign(Object.create(Device.prototype) as Device, this, { revokedAt: this.revokedAt ?? at });
  }
}

export abstract class DeviceRepository {
  /** Throws DeviceNameTaken. Needs a running transaction. */
  abstract add(device: Device): Promise<void>;

  /** Throws DeviceNotFound, also for a foreign one. */
  abstract get(id: DeviceId, userId: UserId): Promise<Device>;

  abstract save(device: Device): Promise<void>;

  /** Newest first, revoked ones included. */
  abstract listOf(userId: UserId): Promise<readonly Device[]>;

  /** How many are not revoked. */
  abstract countActive(userId: UserId): Promise<number>;

  /** The device that this hash belongs to, unless revoked. Remembers when it was last seen, to the minute. */
  abstract findActiveByHash(keyHash: string, now: Date): Promise<Device | null>;
}

export class DeviceNotFound extends DomainException {
  constructor(device: string) {
    super('device_not_found', `There is no device ${device}.`, { device_id: device }, 'not_found');
  }
}

export class DeviceNameTaken extends DomainException {
  constructor(name: string) {
    super('device_name_taken', `An active device is called "${name}" already.`, { name }, 'conflict');
  }
}
