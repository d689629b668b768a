import { ProviderUsageRecord, type ReportedUsage } from '#application/budgets/provider-usage-record';
import { UserNotFound } from '#domain/accounts/user-repository';
import type { UserId } from '#domain/accounts/user';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { InvalidValue } from '#domain/shared/domain-exception';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { micros } from '#test/support/builders/credits';
import { aUser } from '#test/support/builders/users';
import { InMemoryBudgetLedger } from '#test/support/fakes/in-memory-budget-ledger';
import { InMemoryProviderUsageLog } from '#test/support/fakes/in-memory-provider-usage-log';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;

function aDesk() {
  const transaction = new InMemoryTransaction(true);
  const users = new InMemoryUserRepository(transaction);
  const clock = new ManualClock(NOW);
  const log = new InMemoryProviderUsageLog(transaction);
  const ledger = new InMemoryBudgetLedger(transaction, clock, AMPLE_BUDGETS, () => 'free');
  const record = new ProviderUsageRecord(users, log, ledger, transaction, clock, new SequentialIds());
  const user = aUser();
  const usage = (of: Partial<ReportedUsage> = {}): ReportedUsage => ({
    ...{ userId: user.id, requestId: 'r-1', service: 'llm', provider: 'mistral', model: 'mistral-small' },
    ...{ operation: 'nightly summary', tokens: 1500, estimated: micros(1500), actual: null, succeeded: true },
    ...{ metadata: { batch: 7 }, at: NOW },
    ...of,
  });
  const used = (): readonly (readonly bigint[])[] =>
    [budgetOf(user.id), GLOBAL_BUDGET]
      .map((id) => ledger.statusOf(id, NOW).spend)
      .map((spend) => [spend.used.micros, spend.estimated.micros]);
  const report = (of: Partial<ReportedUsage> = {}): Promise<'recorded' | 'duplicate'> =>
    record.execute(usage(of), 'an operator');
  return { transaction, users, user, log, ledger, used, report, ready: () => transaction.run(() => users.add(user)) };
}

describe('Usage outside of the service', () => {
  it('counts in both budgets as an estimate until somebody knows what it cost', async () => {
    const { report, ready, used, log } = aDesk();
    await ready();
    expect(await report()).toBe('recorded');
    expect(used()).toEqual([
      [1500n, 1500n],
      [1500n, 1500n],
    ]);
    expect(log.entries).toMatchObject([{ requestId: 'report:r-1', actual: null, actor: 'an operator', at: NOW }]);
  });

  it('counts what it cost where that is known', async () => {
    const { report, ready, used } = aDesk();
    await ready();
    await report({ actual: micros(900) });
    expect(used()).toEqual([
      [900n, 0n],
      [900n, 0n],
    ]);
  });

  it('counts what failed as what it cost', async () => {
    const { report, ready, used } = aDesk();
    await ready();
    await report({ succeeded: false, actual: micros(0) });
    expect(used()).toEqual([
      [0n, 0n],
      [0n, 0n],
    ]);
  });

  it('is written down once for a user and a request, and the first time is what stays', async () => {
    const { report, ready, used, log, ledger } = aDesk();
    await ready();
    const answers = await Promise.all([report(), report({ estimated: micros(9) }), report({ actual: micros(1) })]);
    expect(answers).toEqual(['recorded', 'duplicate', 'duplicate']);
    expect(log.entries).toHaveLength(1);
    expect(ledger.spends).toHaveLength(1);
    expect(used()[0]).toEqual([1500n, 1500n]);
  });

  it("keeps requests of several users apart, and the operator's own", async () => {
    const { report, ready, used, log, transaction, users } = aDesk();
    await ready();
    const other = aUser();
    await transaction.run(() => users.add(other));
    expect([await report(), await report({ userId: other.id }), await report({ userId: null })]).toEqual(
      Array(3).fill('recorded'),
    );
    expect(log.entries.map(({ userId }) => userId)).toHaveLength(3);
    expect(used()).toEqual([
      [1500n, 1500n],
      [4500n, 4500n],
    ]);
  });

  it('gives back no hold of the gateway that has the same name', async () => {
    const { report, ready, ledger, transaction, user } = aDesk();
    await ready();
    const demand = { userId: user.id, requestId: 'r-1', cost: micros(5), at: NOW, expiresAt: new Date('2026-03-11') };
    await transaction.run(() => ledger.hold(demand));
    await report();
    expect(ledger.holds).toEqual([demand]);
  });

  it('is refused for a user nobody knows, and nothing is written', async () => {
    const { report, log, ledger } = aDesk();
    await expect(report({ userId: crypto.randomUUID() as UserId })).rejects.toThrow(UserNotFound);
    expect([log.entries, ledger.spends]).toEqual([[], []]);
  });

  it('is taken from the last 400 days, to the millisecond', async () => {
    const { report, ready } = aDesk();
    await ready();
    const oldest = new Date(NOW.getTime() - 400 * DAY_MS);
    expect(await report({ at: oldest })).toBe('recorded');
    await expect(report({ at: new Date(oldest.getTime() - 1) })).rejects.toThrow(InvalidValue);
    await expect(report({ at: new Date(NOW.getTime() + 1) })).rejects.toThrow('at is within the last 400 days');
    await expect(report({ at: new Date(Number.NaN) })).rejects.toThrow(InvalidValue);
  });

  it.each<Partial<ReportedUsage>>([
    { estimated: micros(-1) },
    { estimated: micros(10_000_000_001) },
    { actual: micros(-1) },
    { actual: micros(10_000_000_001) },
    { tokens: -1 },
    { tokens: 1.5 },
    { tokens: 1_000_000_000_001 },
    { requestId: '' },
    { requestId: 'x'.repeat(201) },
    { provider: 'a/b' },
    { provider: '' },
    { model: 'two\nlines' },
    { operation: 'nothing \u0000 printable' },
    { metadata: { long: 'x'.repeat(8192) } },
    { metadata: { zero: '\u0000' } },
  ])('is refused where it cannot be, and nothing is written: case %#', async (of) => {
    const { report, ready, log, ledger } = aDesk();
    await ready();
    await expect(report(of)).rejects.toThrow(InvalidValue);
    expect([log.entries, ledger.spends]).toEqual([[], []]);
  });

  it('may be as much as any budget', async () => {
    const { report, ready, used } = aDesk();
    await ready();
    expect(await report({ estimated: micros(10_000_000_000) })).toBe('recorded');
    expect(used()[0]).toEqual([10_000_000_000n, 10_000_000_000n]);
  });
});
