import type { CounterDifference, LooseEnd, UsageReconciliation } from '#application/usage/usage-reconciliation';
import { UsageVerification } from '#application/usage/usage-verification';
import type { UserId } from '#domain/accounts/user';
import { DatabaseGone, failingAt } from '#test/support/failing';

class Books implements UsageReconciliation {
  differing = 0;
  loose: readonly LooseEnd['kind'][] = [];
  readonly askedAbout = new Set<string | null>();

  async countersOf(userId: UserId | null): Promise<number> {
    this.askedAbout.add(userId);
    return 12;
  }

  async differences(userId: UserId | null, limit: number): Promise<readonly CounterDifference[]> {
    this.askedAbout.add(userId);
    return Array.from({ length: Math.min(this.differing, limit) }, () => ({
      kind: 'counter_differs',
      userId: 'u' as UserId,
      periodStart: null,
      counter: 'seconds',
      stored: 1n,
      recomputed: 2n,
    }));
  }

  async looseEnds(kind: LooseEnd['kind'], userId: UserId | null): Promise<readonly LooseEnd[]> {
    this.askedAbout.add(userId);
    const found = this.loose.filter((one) => one === kind);
    return found.map(() => ({
      kind,
      userId: 'u' as UserId,
      sessionId: 's' as never,
      attempt: 1,
      holdId: null,
      logId: null,
    }));
  }
}

describe('the verification of the book', () => {
  it('finds nothing in a book that is right, and says how much it looked at', async () => {
    expect(await new UsageVerification(new Books()).execute(null)).toEqual({
      checked: 12,
      findings: [],
      truncated: false,
    });
  });

  it('names differences and loose ends of every kind', async () => {
    const books = new Books();
    books.differing = 1;
    books.loose = ['completed_session_without_log', 'log_with_open_hold', 'open_hold_without_attempt'];
    const { findings } = await new UsageVerification(books).execute(null);
    expect(findings.map(({ kind }) => kind)).toEqual([
      'counter_differs',
      'open_hold_without_attempt',
      'log_with_open_hold',
      'completed_session_without_log',
    ]);
  });

  it('says so when there is more than it lists', async () => {
    const books = new Books();
    books.differing = 1000;
    expect((await new UsageVerification(books).execute(null)).truncated).toBe(false);
    books.differing = 1001;
    const { findings, truncated } = await new UsageVerification(books).execute(null);
    expect([findings.length, truncated]).toEqual([1000, true]);
  });

  it('looks at one user alone when asked to', async () => {
    const books = new Books();
    await new UsageVerification(books).execute('u' as UserId);
    expect([...books.askedAbout]).toEqual(['u']);
  });

  it('is an error when the database cannot be asked, never a clean book', async () => {
    const broken = failingAt<UsageReconciliation>(new Books(), 'looseEnds', { after: 1 });
    await expect(new UsageVerification(broken).execute(null)).rejects.toThrow(DatabaseGone);
  });
});
