import { validate, version } from 'uuid';
import { UuidGenerator } from '#infrastructure/system/uuid-generator';

describe('UuidGenerator', () => {
  const ids = Array.from({ length: 5_000 }, () => new UuidGenerator().next());

  it('makes UUIDs of version 7', () => {
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  });

  it('never makes one twice', () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes them in order, those of one millisecond too', () => {
    expect([...ids].sort()).toEqual(ids);
  });

  it('makes each of random bytes of its own', () => {
    expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(ids.length - 5);
  });
});
