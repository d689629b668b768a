import {
  CREDIT_FINDING_KINDS,
  type CreditFinding,
  type CreditFindingKind,
  CreditReconciliation,
} from '#application/credits/credit-reconciliation';
import { CreditVerification } from '#application/credits/credit-verification';
import type { UserId } from '#domain/accounts/user';

const ada = 'ada' as UserId;

class Books implements CreditReconciliation {
  readonly asked: [CreditFindingKind, UserId | null][] = [];

  constructor(private readonly counts: Partial<Record<CreditFindingKind, number>>) {}

  async size(): Promise<{ accounts: number; entries: number }> {
    return { accounts: 2, entries: 9 };
  }

  async findings(kind: CreditFindingKind, userId: UserId | null, limit: number): Promise<readonly CreditFinding[]> {
    this.asked.push([kind, userId]);
    const finding = { kind, userId: ada, id: null, stored: {}, recomputed: {} };
    return Array.from({ length: Math.min(limit, this.counts[kind] ?? 0) }, () => finding);
  }
}

describe('the verification of the credit book', () => {
  it('asks for every kind of finding, of whom it was asked about', async () => {
    const books = new Books({});
    const report = await new CreditVerification(books).execute(ada);
    expect(report).toEqual({ accounts: 2, entries: 9, findings: [], truncated: false });
    expect(books.asked).toEqual(CREDIT_FINDING_KINDS.map((kind) => [kind, ada]));
  });

  it('lists a thousand of each kind, and says when there are more', async () => {
    const whole = await new CreditVerification(new Books({ hash_differs: 1_000, alarm_late: 1_000 })).execute(null);
    expect([whole.findings.length, whole.truncated]).toEqual([2_000, false]);
    const cut = await new CreditVerification(new Books({ hash_differs: 1_001, alarm_late: 3 })).execute(null);
    expect([cut.findings.length, cut.truncated]).toEqual([1_003, true]);
  });
});
