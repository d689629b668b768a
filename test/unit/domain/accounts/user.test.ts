import { User, type UserId, UserSuspended } from '#domain/accounts/user';

const NOW = new Date('2026-01-31T10:00:00.000Z');
const at = (text: string): Date => new Date(text);
const registered = User.register(
  { id: 'u' as UserId, email: 'ana@example.com', name: 'Ana', role: 'user', plan: 'free' },
  NOW,
);

describe('a user', () => {
  it('is registered into a first period that begins then and is the anchor of all that follow', () => {
    expect([registered.currentMonthStart, registered.periodAnchor, registered.createdAt]).toEqual([NOW, NOW, NOW]);
    expect([registered.version, registered.suspendedAt]).toEqual([1, null]);
    expect(registered.billingPeriodAt(at('2026-03-01T00:00:00.000Z')).start).toEqual(at('2026-02-28T10:00:00.000Z'));
    expect(registered.billingPeriodAt(at('2026-04-01T00:00:00.000Z')).start).toEqual(at('2026-03-31T10:00:00.000Z'));
  });

  it('is in the first period for a clock that is behind the one that set the anchor', () => {
    expect(registered.billingPeriodAt(new Date(NOW.getTime() - 50)).start).toEqual(NOW);
  });

  it('without an anchor is in the open period', () => {
    const imported = registered.placedIn(null, null);
    expect(imported.billingPeriodAt(NOW).start).toBeNull();
    expect([imported.currentMonthStart, imported.periodAnchor]).toEqual([null, null]);
  });

  it('has its period by the anchor alone, however old the stored start is', () => {
    const stale = registered.placedIn(at('2026-01-31T10:00:00.000Z'), NOW);
    expect(stale.billingPeriodAt(at('2026-06-10T00:00:00.000Z')).start).toEqual(at('2026-05-31T10:00:00.000Z'));
  });

  it('begins a new period, whose start is the new anchor', () => {
    const reset = registered.beginPeriod(at('2026-02-10T00:00:00.000Z'));
    expect(reset.billingPeriodAt(at('2026-03-09T23:59:59.999Z')).start).toEqual(at('2026-02-10T00:00:00.000Z'));
    expect(reset.billingPeriodAt(at('2026-03-10T00:00:00.000Z')).start).toEqual(at('2026-03-10T00:00:00.000Z'));
    expect(registered.periodAnchor).toEqual(NOW);
  });

  it.each([
    ['a plan', (user: User) => user.withPlan('pro')],
    ['a role', (user: User) => user.withRole('admin')],
    ['a period', (user: User) => user.beginPeriod(at('2026-02-10T00:00:00.000Z'))],
    ['a restored period', (user: User) => user.placedIn(null, null)],
    ['a suspension', (user: User) => user.suspended(NOW)],
    ['a reinstatement', (user: User) => user.reinstated()],
  ])('has a new version with %s, since claims name the one they were decided by', (_change, change) => {
    expect(change(registered).version).toBe(2);
    expect(change(registered)).toBeInstanceOf(User);
    expect(registered.version).toBe(1);
  });

  it('keeps everything else when the plan changes, what was used above all', () => {
    const changed = registered.withPlan('pro');
    expect({ ...changed, plan: 'free', version: 1 }).toEqual({ ...registered });
  });

  it('may do nothing while suspended, and is told since when', () => {
    const suspended = registered.suspended(NOW);
    expect(() => registered.mustBeActive()).not.toThrow();
    expect(() => suspended.mustBeActive()).toThrow(UserSuspended);
    expect(new UserSuspended(NOW).facts).toEqual({ suspended_at: NOW.toISOString() });
    expect(() => suspended.reinstated().mustBeActive()).not.toThrow();
  });
});
