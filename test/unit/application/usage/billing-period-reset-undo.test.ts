import { NothingToUndo, ResetTooOldToUndo } from '#domain/usage/period-reset';
import { refusalOf } from '#test/support/refusals';
import { OPERATOR, PeriodWorld } from '#test/support/period-world';

let world: PeriodWorld;
beforeEach(() => {
  world = new PeriodWorld();
});

describe('the undoing of a reset', () => {
  it('restores start and anchor, and lets what was used since count in the restored period', async () => {
    const user = await world.user();
    await world.countSessions(user, 3);
    await world.reset(user);
    world.clock.advance(3600);
    await world.countSessions(user, 2);
    await world.undo(user);
    const { currentMonthStart, periodAnchor } = await world.users.get(user.id);
    expect([currentMonthStart, periodAnchor]).toEqual([user.currentMonthStart, user.periodAnchor]);
    expect((await world.usageOf(user)).sessions).toBe(5);
  });

  it('tells what counts afterwards, before it is done', async () => {
    const user = await world.user();
    await world.hold(user, 60);
    await world.reset(user);
    world.clock.advance(60);
    await world.hold(user, 30);
    const tried = await world.undo(user, { dryRun: true });
    expect([tried.before.usage.held.seconds, tried.after.usage.held.seconds, tried.after.usage.sessions]).toEqual([
      30, 90, 2,
    ]);
    expect((await world.usageOf(user)).held.seconds).toBe(30);
    expect(world.audit.entries.map(({ action }) => action)).toEqual(['period.reset']);

    const done = await world.undo(user);
    expect([tried.done, done.done]).toEqual([false, true]);
    expect([tried.before, tried.after]).toEqual([done.before, done.after]);
    expect(await world.usageOf(user)).toEqual(done.after.usage);
  });

  it('goes back through resets one after the other', async () => {
    const user = await world.user();
    await world.countSessions(user, 1);
    for (const sessions of [2, 4]) {
      await world.reset(user);
      world.clock.advance(60);
      await world.countSessions(user, sessions);
    }
    await world.undo(user);
    expect((await world.usageOf(user)).sessions).toBe(6);
    await world.undo(user);
    expect((await world.usageOf(user)).sessions).toBe(7);
    expect(await refusalOf(world.undo(user))).toBeInstanceOf(NothingToUndo);
  });

  it('is refused once the period that it would go back to is over', async () => {
    const user = await world.user();
    await world.reset(user);
    world.clock.set('2026-04-15T09:29:59.999Z');
    await expect(world.undo(user, { dryRun: true })).resolves.toMatchObject({ done: false });
    world.clock.set('2026-04-15T09:30:00.000Z');
    const refusal = await refusalOf(world.undo(user));
    expect(refusal).toBeInstanceOf(ResetTooOldToUndo);
    expect([refusal.code, refusal.refusal]).toEqual(['reset_too_old_to_undo', 'conflict']);
    expect(refusal.facts).toEqual({
      user_id: user.id,
      reset_at: '2026-03-20T12:00:00.000Z',
      ended_period_start: '2026-03-15T09:30:00.000Z',
      ended_period_end: '2026-04-15T09:30:00.000Z',
    });
  });

  it('gives an imported user the open period back', async () => {
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    await world.countSessions(user, 1);
    await world.reset(user);
    await world.countSessions(user, 2);
    await world.undo(user);
    expect((await world.users.get(user.id)).periodAnchor).toBeNull();
    expect((await world.usageOf(user)).sessions).toBe(3);
  });

  it('is audited', async () => {
    const user = await world.user();
    await world.reset(user);
    await world.undo(user);
    expect(world.audit.entries[1]).toMatchObject({
      ...OPERATOR,
      action: 'period.undo',
      userId: user.id,
      before: { period_start: '2026-03-20T12:00:00.000Z' },
      after: { period_start: '2026-03-15T09:30:00.000Z' },
    });
  });

  it('has nothing to go back to without a reset', async () => {
    const refusal = await refusalOf(world.undo(await world.user()));
    expect(refusal).toBeInstanceOf(NothingToUndo);
    expect(refusal.refusal).toBe('conflict');
  });
});
