import { EntitySchema } from 'typeorm';
import { Device, type DeviceId } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';
import { instant, text, uuid } from '../persistence/columns.js';

export const DeviceTable = new EntitySchema<Device>({
  name: 'Device',
  target: Device,
  tableName: 'devices',
  columns: {
    id: uuid('id', { primary: true }),
    userId: uuid('user_id'),
    name: text('name'),
    keyHash: text('key_hash'),
    prefix: text('prefix'),
    lastFour: text('last_four'),
    createdAt: instant('created_at'),
    lastSeenAt: instant('last_seen_at', { nullable: true }),
    revokedAt: instant('revoked_at', { nullable: true }),
  },
});

export interface DeviceRow {
  readonly id: DeviceId;
  readonly user_id: UserId;
  readonly name: string;
  readonly key_hash: string;
  readonly prefix: string;
  readonly last_four: string;
  readonly created_at: Date;
  readonly last_seen_at: Date | null;
  readonly revoked_at: Date | null;
}

/** The same for rows of statements written by hand. */
export function deviceOf(row: DeviceRow): Device {
  return new Device(
    row.id,
    row.user_id,
    row.name,
    row.key_hash,
    row.prefix,
    row.last_four,
    row.created_at,
    row.last_seen_at,
    row.revoked_at,
  );
}
