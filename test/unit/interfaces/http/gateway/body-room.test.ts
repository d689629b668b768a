import type { UserId } from '#domain/accounts/user';
import { BodyRoom } from '#interfaces/http/gateway/body-room';

const [ANA, BEN, EVE] = ['ana', 'ben', 'eve'] as UserId[] as [UserId, UserId, UserId];
/** 100 bytes for all, and 60 for each. */
const room = (): BodyRoom => new BodyRoom(100, 60);

const refusal = (deed: () => void): unknown => {
  try {
    deed();
    return null;
  } catch (error) {
    return error;
  }
};

describe('the room for bodies', () => {
  it('counts what has arrived, of all requests of one user', () => {
    const bodies = room();
    bodies.enter(ANA).take(40);
    const second = bodies.enter(ANA);
    second.take(20);
    expect(refusal(() => second.take(1))).toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      facts: { limit: 'bytes_at_once', allowed: 60 },
      headers: { 'Retry-After': '1', 'x-should-retry': 'true' },
    });
  });

  it('is for all users, and says to those who find none that it is not their fault', () => {
    const bodies = room();
    bodies.enter(ANA).take(60);
    bodies.enter(BEN).take(30);
    const third = bodies.enter(EVE);
    third.take(10);
    expect(refusal(() => third.take(1))).toMatchObject({
      status: 503,
      code: 'no_room',
      headers: { 'Retry-After': '1' },
    });
  });

  it('is free again when a request leaves, and no more than that', () => {
    const bodies = room();
    const [first, second] = [bodies.enter(ANA), bodies.enter(ANA)];
    first.take(40);
    second.take(20);
    first.leave();
    first.leave();
    second.take(40);
    expect(refusal(() => bodies.enter(ANA).take(1))).toMatchObject({ status: 429 });
  });

  it('is not taken by what is only announced, nor by what was refused', () => {
    const bodies = room();
    const share = bodies.enter(ANA);
    share.mustFit(60);
    expect(refusal(() => share.mustFit(61))).toMatchObject({ status: 429 });
    expect(refusal(() => share.take(61))).toMatchObject({ status: 429 });
    share.take(60);
    share.leave();
    bodies.enter(ANA).take(60);
  });
});
