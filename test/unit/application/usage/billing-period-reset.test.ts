import { BillingPeriodReset, NO_REASON } from '#application/usage/billing-period-reset';
import { PeriodAlreadyReset, ResetOutsidePeriod } from '#domain/usage/period-reset';
import { UserNotFound } from '#domain/accounts/user-repository';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { OPERATOR, PeriodWorld } from '#test/support/period-world';

let world: PeriodWorld;
beforeEach(() => {
  world = new PeriodWorld();
});

describe('the reset of a billing period', () => {
  it('begins a new period now, which is the anchor of all that follow', async () => {
    const user = await world.user();
    await world.reset(user);
    const { currentMonthStart, periodAnchor, version } = await world.users.get(user.id);
    expect([currentMonthStart, periodAnchor, version]).toEqual([
      world.clock.now(),
      world.clock.now(),
      user.version + 1,
    ]);
  });

  it('zeroes nothing: the new period has nothing used, and the ended one keeps its numbers', async () => {
    const user = await world.user();
    await world.countSessions(user, 3);
    const { before, after } = await world.reset(user);
    expect([before.usage.sessions, after.usage.sessions]).toEqual([3, 0]);
    expect((await world.usageOf(user)).sessions).toBe(0);
    expect((await world.holds.usageIn(before.period, user.id, world.clock.now())).sessions).toBe(3);
  });

  it('leaves what is held to be settled in the period it was held in, and still counts it as running', async () => {
    const user = await world.user();
    const hold = await world.hold(user, 90);
    const { before, after } = await world.reset(user);
    expect([before.usage.held.seconds, after.usage.held.seconds, after.usage.running]).toEqual([90, 0, 1]);
    expect((await world.holds.ofAttempt(hold.sessionId, 1, user.id)).periodStart).toEqual(before.period.start);
    expect(await world.usageOf(user)).toEqual(after.usage);
  });

  it('keeps what is needed to undo it, who did it and why', async () => {
    const user = await world.user();
    await world.reset(user);
    const kept = await world.transaction.run(() => world.resets.latest(user.id));
    expect(kept).toMatchObject({
      previousStart: user.currentMonthStart,
      previousAnchor: user.periodAnchor,
      newStart: world.clock.now(),
      ...OPERATOR,
    });
    expect(kept.endedPeriod.start).toEqual(new Date('2026-03-15T09:30:00.000Z'));
  });

  it('is audited with what was before and after', async () => {
    const user = await world.user();
    await world.countSessions(user, 2);
    await world.reset(user);
    expect(world.audit.entries).toEqual([
      {
        ...OPERATOR,
        action: 'period.reset',
        userId: user.id,
        before: {
          period_start: '2026-03-15T09:30:00.000Z',
          period_end: '2026-04-15T09:30:00.000Z',
          anchor: '2026-01-15T09:30:00.000Z',
          sessions: 2,
          seconds: 0,
          transcriptions: 0,
          held_seconds: 0,
        },
        after: {
          period_start: '2026-03-20T12:00:00.000Z',
          period_end: '2026-04-20T12:00:00.000Z',
          anchor: '2026-03-20T12:00:00.000Z',
          sessions: 0,
          seconds: 0,
          transcriptions: 0,
          held_seconds: 0,
        },
      },
    ]);
  });

  it('may begin earlier, within the current period', async () => {
    const user = await world.user();
    const { after } = await world.reset(user, { at: '2026-03-15T09:30:00.001Z' });
    expect(after.period.start).toEqual(new Date('2026-03-15T09:30:00.001Z'));
  });

  it.each([
    ['before the current period', '2026-03-15T09:29:59.999Z'],
    ['in the future', '2026-03-20T12:00:00.001Z'],
  ])('does not begin %s', async (_case, at) => {
    const user = await world.user();
    const refusal = await refusalOf(world.reset(user, { at }));
    expect(refusal).toBeInstanceOf(ResetOutsidePeriod);
    expect([refusal.code, refusal.refusal]).toEqual(['reset_outside_period', 'invalid']);
    expect(refusal.facts).toEqual({ at, period_start: '2026-03-15T09:30:00.000Z', now: '2026-03-20T12:00:00.000Z' });
  });

  it('does not begin where the current period begins', async () => {
    const user = await world.user();
    expect(await refusalOf(world.reset(user, { at: '2026-03-15T09:30:00.000Z' }))).toBeInstanceOf(PeriodAlreadyReset);
    await world.reset(user);
    expect(await refusalOf(world.reset(user))).toBeInstanceOf(PeriodAlreadyReset);
  });

  it('gives an imported user a first start, at any instant until now', async () => {
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    await world.countSessions(user, 4);
    const { before, after } = await world.reset(user, { at: '2025-11-30T00:00:00.000Z' });
    expect([before.period.start, before.anchor, before.usage.sessions]).toEqual([null, null, 4]);
    expect([after.anchor, after.period.start]).toEqual([new Date('2025-11-30'), new Date('2026-02-28')]);
  });

  it('as a dry run says the same and changes nothing', async () => {
    const user = await world.user();
    await world.countSessions(user, 3);
    const tried = await world.reset(user, { dryRun: true });
    expect(tried.done).toBe(false);
    expect(await world.users.get(user.id)).toEqual(user);
    expect(world.audit.entries).toEqual([]);
    const done = await world.reset(user);
    expect(done.done).toBe(true);
    expect([tried.before, tried.after]).toEqual([done.before, done.after]);
  });

  it('says so when no reason was given', async () => {
    const user = await world.user();
    const { users, holds, resets, audit, transaction, clock, ids } = world;
    const reset = new BillingPeriodReset(users, holds, resets, audit, transaction, clock, ids);
    await reset.execute({ userId: user.id, at: null, operator: { actor: 'cli:ada', reason: null }, dryRun: false });
    expect((await transaction.run(() => resets.latest(user.id))).reason).toBe(NO_REASON);
  });

  it('of nobody is refused', async () => {
    expect(await refusalOf(world.reset(aUser()))).toBeInstanceOf(UserNotFound);
  });

  it.each(['users', 'audit'] as const)('is not done at all when %s cannot be written', async (port) => {
    const user = await world.user();
    const { users, holds, resets, audit, transaction, clock, ids } = {
      ...world,
      [port]: port === 'users' ? failingAt(world.users, 'save') : failingAt(world.audit, 'append'),
    } as PeriodWorld;
    const reset = new BillingPeriodReset(users, holds, resets, audit, transaction, clock, ids);
    const deed = reset.execute({ userId: user.id, at: null, operator: OPERATOR, dryRun: false });
    await expect(deed).rejects.toThrow(DatabaseGone);
    expect(await world.users.get(user.id)).toEqual(user);
    expect(world.audit.entries).toEqual([]);
    await expect(world.reset(user)).resolves.toMatchObject({ done: true });
  });
});
