import { User, type UserId } from '#domain/accounts/user';

const REGISTERED = new Date('2026-01-15T09:30:00.000Z');

let made = 0;

/** A user of the free plan whose billing periods begin on the 15th, unless told otherwise. */
export function aUser(of: Partial<User> = {}): User {
  const number = ++made;
  const id = `00000000-0000-4000-a000-${number.toString(16).padStart(12, '0')}` as UserId;
  const plain = new User(
    id,
    `user-${number}@example.com`,
    'Ana',
    'user',
    'free',
    REGISTERED,
    REGISTERED,
    null,
    1,
    REGISTERED,
  );
  return Object.assign(Object.create(User.prototype) as User, plain, of);
}
