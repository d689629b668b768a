import { Device, DeviceNameTaken, DeviceNotFound } from '#domain/accounts/device';
import { aDevice, Given, later, newId, NOW } from './given.js';
import type { World } from './world.js';

const MINUTE = 60_000;

export function deviceRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('DeviceRepository', () => {
    it('answers a device as it was added', async () => {
      const user = await given.user();
      const device = await given.device(user);
      const found = await world().devices.get(device.id, user.id);
      expect(found).toBeInstanceOf(Device);
      expect(found).toEqual(device);
    });

    it('answers a foreign device like a missing one', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const device = await given.device(owner);
      await expect(world().devices.get(device.id, other.id)).rejects.toThrow(DeviceNotFound);
      await expect(world().devices.get(newId<'Device'>(), owner.id)).rejects.toThrow(DeviceNotFound);
    });

    it('changes nothing of a device saved under a foreign owner', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const device = await given.device(owner);
      const stolen = Object.assign(Object.create(Device.prototype) as Device, device.revoked(NOW), {
        userId: other.id,
      });
      await run(() => world().devices.save(stolen)).catch(() => undefined);
      expect(await world().devices.get(device.id, owner.id)).toEqual(device);
    });

    it('refuses a second active device of the same name in any case, and undoes nothing else', async () => {
      const user = await given.user();
      const first = await given.device(user, { name: 'Phone' });
      await expect(given.device(user, { name: 'pHONE' })).rejects.toThrow(DeviceNameTaken);
      expect((await world().devices.listOf(user.id)).map(({ id }) => id)).toEqual([first.id]);
    });

    it('frees the name of a revoked device, and shares names between users', async () => {
      const [user, other] = [await given.user(), await given.user()];
      const first = await given.device(user, { name: 'phone' });
      await run(() => world().devices.save(first.revoked(NOW)));
      await given.device(user, { name: 'phone' });
      await given.device(other, { name: 'phone' });
      expect(await world().devices.listOf(user.id)).toHaveLength(2);
    });

    it('lists all of one user, newest first, and counts those that are not revoked', async () => {
      const [user, other] = [await given.user(), await given.user()];
      await given.device(other);
      expect(await world().devices.listOf(user.id)).toEqual([]);
      expect(await world().devices.countActive(user.id)).toBe(0);
      const devices: Device[] = [];
      for (let n = 0; n < 3; n++) devices.push(await given.device(user, { name: `d${n}`, createdAt: later(NOW, n) }));
      const revoked = devices[1]!.revoked(NOW);
      await run(() => world().devices.save(revoked));
      expect(await world().devices.listOf(user.id)).toEqual([devices[2], revoked, devices[0]]);
      expect(await world().devices.countActive(user.id)).toBe(2);
    });

    it('knows an active device by the hash of its key, and a revoked one no more', async () => {
      const user = await given.user();
      const device = await given.device(user);
      expect((await world().devices.findActiveByHash(device.keyHash, NOW))?.id).toBe(device.id);
      expect(await world().devices.findActiveByHash('another hash', NOW)).toBeNull();
      await run(() => world().devices.save(device.revoked(NOW)));
      expect(await world().devices.findActiveByHash(device.keyHash, NOW)).toBeNull();
    });

    it('remembers when a key was last used, to the minute', async () => {
      const user = await given.user();
      const device = await given.device(user);
      const seen = async (): Promise<Date | null> => (await world().devices.get(device.id, user.id)).lastSeenAt;
      await world().devices.findActiveByHash(device.keyHash, NOW);
      expect(await seen()).toEqual(NOW);
      await world().devices.findActiveByHash(device.keyHash, later(NOW, MINUTE));
      expect(await seen()).toEqual(NOW);
      await world().devices.findActiveByHash(device.keyHash, later(NOW, MINUTE + 1));
      expect(await seen()).toEqual(later(NOW, MINUTE + 1));
    });

    it('adds and changes nothing outside a transaction', async () => {
      const user = await given.user();
      const device = await given.device(user);
      await expect(async () => world().devices.add(aDevice(user, { name: 'other' }))).rejects.toThrow();
      await expect(async () => world().devices.save(device.revoked(NOW))).rejects.toThrow();
      expect(await world().devices.listOf(user.id)).toEqual([device]);
    });
  });
}
