import { Device, type DeviceId, DeviceNameTaken, DeviceNotFound } from '#domain/accounts/device';
import type { UserId } from '#domain/accounts/user';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const device = new Device('d' as DeviceId, 'u' as UserId, 'laptop', 'hash', 'mb_test_', 'aB3x', NOW, null, null);

describe('a device', () => {
  it('is revoked once: the first instant stays', () => {
    const revoked = device.revoked(NOW);
    expect(revoked).toBeInstanceOf(Device);
    expect([revoked.revokedAt, device.revokedAt]).toEqual([NOW, null]);
    expect(revoked.revoked(new Date(NOW.getTime() + 1)).revokedAt).toEqual(NOW);
  });

  it('that is missing or whose name is taken is refused with what was asked for', () => {
    expect(new DeviceNotFound('d')).toMatchObject({ refusal: 'not_found', facts: { device_id: 'd' } });
    expect(new DeviceNameTaken('laptop')).toMatchObject({ refusal: 'conflict', facts: { name: 'laptop' } });
  });
});
