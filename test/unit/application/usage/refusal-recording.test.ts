import { RefusalRecording } from '#application/usage/refusal-recording';
import { RefusalSweep } from '#application/usage/refusal-sweep';
import { UserSuspended } from '#domain/accounts/user';
import { BudgetExceeded } from '#domain/budgets/budget-ledger';
import type { BudgetPeriod } from '#domain/budgets/budget-period';
import { BudgetForbidden } from '#domain/budgets/budget';
import { FileTooLarge, LimitExceeded } from '#domain/plans/plan-limits';
import { InsufficientCredits } from '#domain/credits/credit-account';
import { Money } from '#domain/shared/money';
import { MemoryRecentRefusals } from '#infrastructure/usage/memory-recent-refusals';
import { newId } from '#test/contracts/given';
import { InMemoryRefusalLog } from '#test/support/fakes/in-memory-refusal-log';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

const WHERE = { route: '/api/v1/sessions', requestId: 'a-request' };
const WHOLE = { limit: 1000, offset: 0 };
const sessions = new LimitExceeded('session_limit_exceeded', 'No session is left.', { current_usage: 10, limit: 10 });
const devices = new LimitExceeded('device_limit_exceeded', 'No device is left.', {});
const none = { balance: Money.zero, held: Money.zero, debt: Money.zero };

describe('the recording of refusals', () => {
  const given = () => {
    const transaction = new InMemoryTransaction(true);
    const refusals = new InMemoryRefusalLog(transaction);
    const [clock, log] = [new ManualClock(), new RecordingLog()];
    const recording = new RefusalRecording(refusals, new MemoryRecentRefusals(), clock, new SequentialIds(), log);
    const sweep = new RefusalSweep(refusals, transaction, clock);
    return { refusals, clock, log, recording, sweep, user: newId<'User'>() };
  };

  it('keeps what plan, credit and budget did not allow, with its numbers', async () => {
    const { refusals, clock, recording, user } = given();
    await recording.execute(user, sessions, WHERE);
    const { items } = await refusals.latestOf(user, WHOLE);
    expect(items).toMatchObject([
      {
        userId: user,
        at: clock.now(),
        code: 'session_limit_exceeded',
        kind: 'forbidden',
        message: 'No session is left.',
        facts: { current_usage: 10, limit: 10 },
        ...WHERE,
      },
    ]);
    for (const one of [new FileTooLarge('free', 1e9, 60), new InsufficientCredits(none, Money.ofMicros(1n)), devices]) {
      await recording.execute(user, one, WHERE);
    }
    expect((await refusals.latestOf(user, WHOLE)).total).toBe(4);
  });

  it('passes over refusals that are about something else, and faults', async () => {
    const { refusals, recording, user } = given();
    const others = [new UserSuspended(new Date(0)), new BudgetForbidden('modify'), new Error('a fault'), null];
    for (const one of others) await recording.execute(user, one, WHERE);
    expect((await refusals.latestOf(user, WHOLE)).total).toBe(0);
  });

  it('keeps the same of a user once a second, and neither another code nor another user for it', async () => {
    const { refusals, clock, recording, user } = given();
    const other = newId<'User'>();
    for (let n = 0; n < 50; n++) await recording.execute(user, sessions, WHERE);
    await recording.execute(user, devices, WHERE);
    await recording.execute(other, sessions, WHERE);
    clock.advance(0.999);
    await recording.execute(user, sessions, WHERE);
    expect((await refusals.latestOf(user, WHOLE)).total).toBe(2);
    expect((await refusals.latestOf(other, WHOLE)).total).toBe(1);
    clock.advance(0.001);
    await recording.execute(user, sessions, WHERE);
    clock.advance(-60);
    await recording.execute(user, sessions, WHERE);
    expect((await refusals.latestOf(user, WHOLE)).total).toBe(4);
  });

  it('keeps another cause of the same code within the second, and the same cause once', async () => {
    const { refusals, recording, user } = given();
    const dollar = Money.ofMicros(1_000_000n);
    const standing = { limit: dollar, used: dollar, held: Money.zero, level: 'critical', mode: 'block' } as const;
    const period = { start: new Date('2026-03-01T00:00:00Z'), end: new Date('2026-04-01T00:00:00Z') } as BudgetPeriod;
    const spent = (scope: 'user' | 'global', required = dollar, isTold = false): BudgetExceeded =>
      new BudgetExceeded(scope, 'budget_spent', standing, period, required, isTold);
    const raised = new BudgetExceeded(
      'user',
      'budget_spent',
      { ...standing, limit: Money.ofMicros(2_000_000n) },
      period,
      dollar,
      true,
    );
    const another = new BudgetExceeded('global', 'too_dear_at_red', standing, period, dollar, false);
    const wider = new LimitExceeded('session_limit_exceeded', 'No session is left.', { current_usage: 20, limit: 20 });
    const hundred = Array.from({ length: 50 }, (_, n) => spent('global', Money.ofMicros(BigInt(n))));
    for (const one of [spent('user', dollar, true), raised, spent('global'), ...hundred, another, sessions, wider]) {
      await recording.execute(user, one, WHERE);
    }
    const { items } = await refusals.latestOf(user, WHOLE);
    expect(
      items.map(({ facts }) => [facts['budget'], facts['reason'], facts['limit_micros'] ?? facts['limit']]),
    ).toEqual([
      [undefined, undefined, 20],
      [undefined, undefined, 10],
      ['global', 'too_dear_at_red', undefined],
      ['global', 'budget_spent', undefined],
      ['user', 'budget_spent', 2_000_000],
      ['user', 'budget_spent', 1_000_000],
    ]);
  });

  it('says in the log what it could not keep, and lets the answer be', async () => {
    const { clock, log, user } = given();
    const broken = { add: () => Promise.reject(new Error('the database is away')) } as unknown as InMemoryRefusalLog;
    const recording = new RefusalRecording(broken, new MemoryRecentRefusals(), clock, new SequentialIds(), log);
    await expect(recording.execute(user, sessions, WHERE)).resolves.toBeUndefined();
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { code: 'session_limit_exceeded', request_id: 'a-request' } },
    ]);
  });

  it('is let go after 90 days, and beyond the newest hundred', async () => {
    const { refusals, clock, recording, sweep, user } = given();
    const quiet = newId<'User'>();
    await recording.execute(quiet, sessions, WHERE);
    for (let n = 0; n < 103; n++) {
      await recording.execute(user, sessions, WHERE);
      clock.advance(1);
    }
    const { items: all } = await refusals.latestOf(user, WHOLE);
    expect(await sweep.execute()).toBe(3);
    expect((await refusals.latestOf(user, WHOLE)).items).toEqual(all.slice(0, 100));
    clock.set(new Date(all[1]!.at.getTime() + 90 * 24 * 60 * 60 * 1000));
    expect(await sweep.execute()).toBe(99);
    expect((await refusals.latestOf(user, WHOLE)).items).toEqual(all.slice(0, 2));
    expect((await refusals.latestOf(quiet, WHOLE)).total).toBe(0);
  });
});
