import { SessionCreation } from '#application/sessions/session-creation';
import { UserChange } from '#application/accounts/user-change';
import { BillingPeriodReset } from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import { compose } from '#composition/container';
import { UserSuspended } from '#domain/accounts/user';
import { LimitExceeded } from '#domain/plans/plan-limits';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { slowMotion } from '#test/support/slow-motion';
import { Stage, tally } from '../stage.js';

const OPERATOR = { actor: 'test', reason: 'a race' };
const noChange = { plan: null, role: null, suspended: null };

describe('an operator changes a user while that user is at work', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ poolSize: 30 });
    stage = new Stage(app);
    await stage.warm(30);
  });
  afterAll(() => app?.stop());

  const create = (user: TestUser, count: number): Promise<Answered[]> =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        app.call('POST', '/api/v1/sessions', { as: user, body: { title: `Race ${n}` } }),
      ),
    );
  const change = (
    user: TestUser,
    changes: Partial<typeof noChange> | { plan: 'free' | 'pro' } | { suspended: boolean },
  ) => app.container.get(UserChange).execute(user.id, { ...noChange, ...changes }, OPERATOR);

  it('admits nothing by the old plan after the change was answered, in this process or another', async () => {
    const another = compose(app.foundation);
    const user = await app.user('pro');
    await stage.sessions(user, 10);
    const there = { userId: user.id, title: 'Elsewhere', language: 'auto', sttProvider: 'auto' };
    await another.get(SessionCreation).execute(there);
    await change(user, { plan: 'free' });
    // The other process remembers the user of before for most of a second, and this one was told a moment ago.
    await expect(another.get(SessionCreation).execute(there)).rejects.toThrow(LimitExceeded);
    expect(tally(await create(user, 4))).toEqual({ '403 session_limit_exceeded': 4 });
    await change(user, { plan: 'pro' });
    await another.get(SessionCreation).execute(there);
    await change(user, { suspended: true });
    await expect(another.get(SessionCreation).execute(there)).rejects.toThrow(UserSuspended);
    expect(await stage.count('sessions', user)).toBe(12);
    await stage.mustBalance(user);
  });

  it('keeps the books while plans change back and forth', async () => {
    const user = await app.user('free');
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.01 });
    const changes = (async () => {
      for (let n = 0; n < 6; n++) await change(user, { plan: n % 2 === 0 ? 'pro' : 'free' });
    })();
    const answers = await create(user, 48);
    await changes;
    await motion.stop();
    const { 200: created = 0, ...others } = tally(answers);
    expect(Object.keys(others).filter((name) => !/^403 session_limit_exceeded|^503 account_busy/.test(name))).toEqual(
      [],
    );
    expect(created).toBeGreaterThanOrEqual(10);
    expect(await stage.count('sessions', user)).toBe(created);
    await stage.mustBalance(user);
    // The last word was the free plan's.
    expect(tally(await create(user, 4))).toEqual({ '403 session_limit_exceeded': 4 });
  });

  it('counts every session in the period that it was admitted to, while resets come and go', async () => {
    const user = await app.user('pro');
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.01 });
    const resets = (async () => {
      for (let n = 0; n < 3; n++) {
        await app.container
          .get(BillingPeriodReset)
          .execute({ userId: user.id, at: null, operator: OPERATOR, dryRun: false });
        if (n > 0) await app.container.get(BillingPeriodResetUndo).execute(user.id, OPERATOR, { dryRun: false });
      }
    })();
    const answers = await create(user, 48);
    await resets;
    await motion.stop();
    expect(tally(answers)).toEqual({ '200': 48 });
    expect(await stage.count('sessions', user)).toBe(48);
    await stage.mustBalance(user);
    const live = await app.rows<{ sessions: number }>(
      `select coalesce(sum(sessions), 0)::integer as sessions from period_usage where user_id = $1 and merged_into is null`,
      [user.id],
    );
    expect(live).toEqual([{ sessions: 48 }]);
  });
});
