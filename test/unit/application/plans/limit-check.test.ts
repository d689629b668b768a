import { LimitCheck, type LimitedAction, type LimitVerdict } from '#application/plans/limit-check';
import { UserSuspended } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { RecordingRefused } from '#domain/sessions/recording';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Duration } from '#domain/shared/duration';
import { aCatalogue } from '#test/support/builders/plans';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { PeriodWorld } from '#test/support/period-world';

const MB = 1024 * 1024;
const RESETS_AT = new Date('2026-04-15T09:30:00.000Z');
const minutes = (value: number): Duration => Duration.ofMinutes(value);

let world: PeriodWorld;
beforeEach(() => {
  world = new PeriodWorld();
});

const checking = (instead: Partial<PeriodWorld> = {}): LimitCheck => {
  const { users, plans, holds, clock } = { ...world, ...instead };
  return new LimitCheck(users, plans, holds, clock);
};

const check = async (asked: LimitedAction, plan: PlanName = 'free'): Promise<LimitVerdict> =>
  checking().execute((await world.user({ plan })).id, asked);

describe('a limit check', () => {
  it.each<LimitedAction>([
    { action: 'create_session' },
    { action: 'transcribe', duration: minutes(200) },
    { action: 'check_minutes', duration: minutes(200) },
    { action: 'upload_file', bytes: 60 * MB },
    { action: 'export_transcript', format: 'txt' },
  ])('allows what the plan has room for: %j', async (asked) => {
    const verdict = await check(asked);
    expect([verdict.action, verdict.refusal, verdict.suggestion]).toEqual([asked.action, null, null]);
  });

  it('refuses the session after the last, with the refusal of the deed itself and the plan that would do', async () => {
    const user = await world.user();
    await world.countSessions(user, 10);
    const { refusal, limit, suggestion } = await checking().execute(user.id, { action: 'create_session' });
    expect(refusal).toMatchObject({
      code: 'session_limit_exceeded',
      facts: { plan: 'free', current_usage: 10, limit: 10 },
    });
    expect(limit).toEqual({ type: 'sessions', current: 10, held: 0, requested: 1, limit: 10, resetsAt: RESETS_AT });
    expect([suggestion?.plan.name, suggestion?.type, suggestion?.limit]).toEqual(['student', 'sessions', 50]);
  });

  it.each(['transcribe', 'check_minutes'] as const)('%s counts used, held and requested together', async (action) => {
    const user = await world.user({ plan: 'student' });
    await world.hold(user, 400 * 60);
    const { refusal, limit, suggestion } = await checking().execute(user.id, { action, duration: minutes(101) });
    expect(refusal?.code).toBe('transcription_limit_exceeded');
    expect(limit).toEqual({ type: 'minutes', current: 0, held: 400, requested: 101, limit: 500, resetsAt: RESETS_AT });
    expect([suggestion?.plan.name, suggestion?.limit]).toEqual(['pro', 3000]);
    expect((await checking().execute(user.id, { action, duration: minutes(100) })).refusal).toBeNull();
  });

  it('skips a larger plan that would not do either', async () => {
    const { suggestion } = await check({ action: 'check_minutes', duration: minutes(3001) });
    expect([suggestion?.plan.name, suggestion?.limit]).toEqual(['coaching_school', 'unlimited']);
  });

  it('suggests nothing when no plan would do', async () => {
    const { refusal, suggestion } = await check({ action: 'upload_file', bytes: 501 * MB });
    expect([refusal?.code, suggestion]).toEqual(['file_size_exceeded', null]);
    expect((await check({ action: 'upload_file', bytes: 501 * MB }, 'coaching_school')).suggestion).toBeNull();
  });

  it('never suggests a smaller plan', async () => {
    // An operator may sell a small plan with many minutes; moving there would still be no upgrade.
    const plans = aCatalogue({ minutes: 5000 });
    const user = await world.user({ plan: 'student' });
    const asked = { action: 'check_minutes', duration: minutes(600) } as const;
    expect((await checking({ plans }).execute(user.id, asked)).suggestion?.plan.name).toBe('pro');
  });

  it('names the limit that really refuses: what runs at the same time comes before minutes', async () => {
    const user = await world.user();
    await world.hold(user, 60);
    const { refusal, limit, suggestion } = await checking().execute(user.id, {
      action: 'transcribe',
      duration: minutes(1),
    });
    expect(refusal?.code).toBe('concurrent_transcription_limit_exceeded');
    expect(limit).toEqual({
      type: 'concurrent_transcriptions',
      current: 1,
      held: 0,
      requested: 1,
      limit: 1,
      resetsAt: null,
    });
    expect(suggestion?.plan.name).toBe('student');
  });

  it('asks about minutes alone when only minutes are asked about', async () => {
    const user = await world.user();
    await world.hold(user, 60);
    expect((await checking().execute(user.id, { action: 'check_minutes', duration: minutes(1) })).refusal).toBeNull();
  });

  it('compares a file to the byte and tells its size rounded up', async () => {
    const { refusal, limit } = await check({ action: 'upload_file', bytes: 60 * MB + 1 });
    expect(refusal?.facts).toEqual({ file_size_mb: 60.01, limit_mb: 60, plan: 'free' });
    expect(limit).toEqual({
      type: 'file_size_mb',
      current: null,
      held: null,
      requested: 60.01,
      limit: 60,
      resetsAt: null,
    });
  });

  it('tells which formats there are', async () => {
    const { refusal, limit, suggestion } = await check({ action: 'export_transcript', format: 'srt' });
    expect(refusal?.code).toBe('export_format_not_in_plan');
    expect(limit).toMatchObject({ type: 'export_formats', requested: 'srt', limit: ['json', 'txt'] });
    expect(suggestion?.limit).toEqual(['json', 'txt', 'vtt', 'srt']);
  });

  it('has no reset date in the open period', async () => {
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    expect((await checking().execute(user.id, { action: 'create_session' })).limit.resetsAt).toBeNull();
  });

  it('does not say that a recording of more than a day could be transcribed', async () => {
    const day = Duration.ofSeconds(86_400);
    expect((await check({ action: 'transcribe', duration: day }, 'coaching_school')).refusal).toBeNull();
    const longer = { action: 'transcribe', duration: Duration.ofSeconds(86_401) } as const;
    await expect(check(longer, 'coaching_school')).rejects.toThrow(RecordingRefused);
  });

  it('takes a file of no size for a mistake, not for a file that fits', async () => {
    await expect(check({ action: 'upload_file', bytes: 0 })).rejects.toThrow(InvalidValue);
  });
});

describe('a limit check that cannot be decided', () => {
  const everyAction: readonly LimitedAction[] = [
    { action: 'create_session' },
    { action: 'transcribe', duration: minutes(1) },
    { action: 'check_minutes', duration: minutes(1) },
    { action: 'upload_file', bytes: MB },
    { action: 'export_transcript', format: 'txt' },
  ];

  it.each(everyAction)('is an error and never an admission: $action', async (asked) => {
    const user = await world.user();
    const holds = failingAt(world.holds, 'usageIn');
    await expect(checking({ holds }).execute(user.id, asked)).rejects.toThrow(DatabaseGone);
    const users = failingAt(world.users, 'get');
    await expect(checking({ users }).execute(user.id, asked)).rejects.toThrow(DatabaseGone);

    const unknown = await world.user({ plan: 'enterprise' as PlanName });
    await expect(checking().execute(unknown.id, asked)).rejects.toThrow(PlanUnknown);
    await expect(checking().execute(aUser().id, asked)).rejects.toThrow(UserNotFound);
    const suspended = await world.user({ suspendedAt: world.clock.now() });
    await expect(checking().execute(suspended.id, asked)).rejects.toThrow(UserSuspended);
  });
});
