import { AllEndedPeriodsReset, type ResetProgress } from '#application/usage/all-ended-periods-reset';
import type { Batch, StoredPeriod, StoredPeriods } from '#application/usage/stored-periods';
import type { UserId } from '#domain/accounts/user';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { OPERATOR } from '#test/support/period-world';

const NOW = '2026-03-20T12:00:00.000Z';
const at = (day: string): Date => new Date(`${day}T09:30:00.000Z`);

/** Users in the order of their stored starts; those in `busy` are held by somebody else for so many walks. */
class ListedPeriods implements StoredPeriods {
  readonly rows = new Map<UserId, StoredPeriod>();
  readonly busy = new Map<UserId, number>();

  constructor(
    private readonly transaction: InMemoryTransaction,
    private readonly batch = 2,
  ) {}

  given(id: string, start: string, anchor = start): void {
    this.rows.set(id as UserId, { userId: id as UserId, start: at(start), anchor: at(anchor) });
  }

  async list(instant: Date, cursor: string | null): Promise<Batch> {
    const after = [...this.rows.values()]
      .filter(({ start }) => start <= instant)
      .sort((one, other) => (key(one) < key(other) ? -1 : 1))
      .filter((row) => cursor === null || key(row) > cursor)
      .slice(0, this.batch);
    return { periods: after, next: after.length === 0 ? null : key(after.at(-1)!) };
  }

  async hold(instant: Date, cursor: string | null): Promise<Batch> {
    this.transaction.mustRun();
    const { periods, next } = await this.list(instant, cursor);
    const free = periods.filter(({ userId }) => {
      const walks = this.busy.get(userId) ?? 0;
      this.busy.set(userId, walks - 1);
      return walks <= 0;
    });
    return { periods: free, next };
  }

  async move(starts: readonly Pick<StoredPeriod, 'userId' | 'start'>[]): Promise<void> {
    this.transaction.mustRun();
    for (const { userId, start } of starts) this.rows.set(userId, { ...this.rows.get(userId)!, start });
  }
}

const key = ({ start, userId }: StoredPeriod): string => `${start.toISOString()}|${userId}`;

let transaction: InMemoryTransaction;
let stored: ListedPeriods;
let audit: RecordingAuditLog;
let reset: AllEndedPeriodsReset;
beforeEach(() => {
  transaction = new InMemoryTransaction();
  stored = new ListedPeriods(transaction);
  audit = new RecordingAuditLog(transaction);
  reset = new AllEndedPeriodsReset(stored, audit, transaction, new ManualClock(NOW));
});

const starts = (): Record<string, string> =>
  Object.fromEntries([...stored.rows.values()].map(({ userId, start }) => [userId, start.toISOString().slice(0, 10)]));

describe('the reset of all periods that have ended', () => {
  it('moves each to the start of the period that contains now, by its own anchor, however many were missed', async () => {
    stored.given('last month', '2026-02-15');
    stored.given('last year', '2025-01-31');
    stored.given('of the 31st', '2026-01-31');
    stored.given('of an older anchor', '2026-02-20', '2024-08-20');
    stored.given('of an hour from now', '2026-02-21');
    stored.given('of today', '2026-02-20');
    stored.given('of this month', '2026-03-15', '2026-01-15');
    const { moved, left, done } = await reset.execute(OPERATOR, { dryRun: false });
    expect([moved, left, done]).toEqual([5, 0, true]);
    expect(starts()).toEqual({
      'last month': '2026-03-15',
      'last year': '2026-02-28',
      'of the 31st': '2026-02-28',
      'of an older anchor': '2026-03-20',
      'of an hour from now': '2026-02-21',
      'of today': '2026-03-20',
      'of this month': '2026-03-15',
    });
  });

  it('does not touch a long period that goes on, although a short one of its age would be over', async () => {
    const late = new AllEndedPeriodsReset(stored, audit, transaction, new ManualClock('2026-03-30T12:00:00.000Z'));
    stored.given('of the first', '2026-03-01');
    expect(await late.execute(OPERATOR, { dryRun: false })).toMatchObject({ seen: 1, moved: 0 });
    expect(audit.entries).toEqual([]);
  });

  it('leaves the anchor as it is', async () => {
    stored.given('ana', '2026-01-31');
    await reset.execute(OPERATOR, { dryRun: false });
    expect(stored.rows.get('ana' as UserId)!.anchor).toEqual(at('2026-01-31'));
  });

  it('as a dry run counts the same and moves nothing', async () => {
    for (const id of ['a', 'b', 'c']) stored.given(id, '2026-01-10');
    const before = starts();
    expect(await reset.execute(OPERATOR, { dryRun: true })).toMatchObject({ moved: 3, done: false });
    expect(starts()).toEqual(before);
    expect(audit.entries).toEqual([]);
    expect(await reset.execute(OPERATOR, { dryRun: false })).toMatchObject({ moved: 3, done: true });
  });

  it('done twice changes nothing the second time', async () => {
    stored.given('ana', '2026-01-10');
    await reset.execute(OPERATOR, { dryRun: false });
    expect(await reset.execute(OPERATOR, { dryRun: false })).toMatchObject({ moved: 0, left: 0 });
    expect(audit.entries).toHaveLength(1);
  });

  it('tells how far it is after each batch, and audits each with what it moved', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) stored.given(id, '2026-01-10');
    const told: ResetProgress[] = [];
    await reset.execute(OPERATOR, { dryRun: false }, (so) => told.push(so));
    expect(told.slice(0, 3)).toEqual([
      { seen: 2, moved: 2 },
      { seen: 4, moved: 4 },
      { seen: 5, moved: 5 },
    ]);
    expect(audit.entries.map(({ action, after }) => [action, after?.['moved']])).toEqual([
      ['period.reset_all_ended', 2],
      ['period.reset_all_ended', 2],
      ['period.reset_all_ended', 1],
    ]);
    expect(audit.entries[0]).toMatchObject({ ...OPERATOR, userId: null, before: null });
  });

  it('interrupted, keeps what it told of, and the next run goes on', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) stored.given(id, '2026-01-10');
    const interrupted = reset.execute(OPERATOR, { dryRun: false }, () => {
      throw new Error('Ctrl-C');
    });
    await expect(interrupted).rejects.toThrow('Ctrl-C');
    expect(Object.values(starts()).filter((start) => start === '2026-03-10')).toHaveLength(2);
    expect(await reset.execute(OPERATOR, { dryRun: false })).toMatchObject({ moved: 3 });
  });

  it('comes back for users who were held by somebody else', async () => {
    for (const id of ['a', 'b', 'c']) stored.given(id, '2026-01-10');
    stored.busy.set('b' as UserId, 1);
    expect(await reset.execute(OPERATOR, { dryRun: false })).toMatchObject({ moved: 3, left: 0 });
  });

  it('does not wait for ever for who is always held, and says how many are left', async () => {
    for (const id of ['a', 'b', 'c']) stored.given(id, '2026-01-10');
    stored.busy.set('b' as UserId, 99);
    expect(await reset.execute(OPERATOR, { dryRun: false })).toMatchObject({ moved: 2, left: 1 });
    expect(stored.busy.get('b' as UserId)).toBe(99 - 3);
  });
});
