import { type CreditVerificationReport, CreditVerification } from '#application/credits/credit-verification';
import { type VerificationReport, UsageVerification } from '#application/usage/usage-verification';
import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import { aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

describe('verify', () => {
  const ada = 'ada' as UserId;
  const ofUsage: VerificationReport['findings'] = [
    {
      kind: 'counter_differs',
      userId: ada,
      periodStart: new Date('2026-03-01T00:00:00.000Z'),
      counter: 'seconds',
      stored: 60n,
      recomputed: 61n,
    },
    {
      kind: 'log_with_open_hold',
      userId: ada,
      sessionId: 'session' as SessionId,
      attempt: 2,
      holdId: null,
      logId: null,
    },
  ];
  const ofCredit: CreditVerificationReport['findings'] = [
    {
      kind: 'balance_differs',
      userId: ada,
      id: null,
      stored: { balance_micros: '70000' },
      recomputed: { balance_micros: '80000' },
    },
    {
      kind: 'entry_without_payment',
      userId: ada,
      id: 'entry',
      stored: { key: 'payment:7', amount_micros: '5' },
      recomputed: { status: null },
    },
  ];

  async function verified(
    args: readonly string[],
    {
      usage = [],
      credit = [],
      truncated = false,
    }: {
      usage?: VerificationReport['findings'];
      credit?: CreditVerificationReport['findings'];
      truncated?: boolean;
    } = {},
  ) {
    const { system, givenUser } = aSystem();
    const user = await givenUser();
    const asked: unknown[] = [];
    const usageVerification = {
      execute: async (userId: UserId | null): Promise<VerificationReport> => {
        asked.push(userId);
        return { checked: 7, findings: usage, truncated: false };
      },
    };
    const creditVerification = {
      execute: async (userId: UserId | null): Promise<CreditVerificationReport> => {
        asked.push(userId);
        return { accounts: 3, entries: 12, findings: credit, truncated };
      },
    };
    const parts = [
      ...system.parts!,
      [UsageVerification, usageVerification] as const,
      [CreditVerification, creditVerification] as const,
    ];
    return { ...(await ran(['verify', ...args], { parts })), asked, user };
  }

  it('checks both books of everybody, unless a user is named', async () => {
    expect((await verified([])).asked).toEqual([null, null]);
    const { asked, user } = await verified(['--email', 'ada@example.com']);
    expect(asked).toEqual([user.id, user.id]);
  });

  it('says that the books are right, and how much was checked', async () => {
    const { exitCode, stdout, stderr } = await verified([]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'Every counter is what its entries add up to (7 checked).\n' +
        'Every account of credit is what its entries prove (3 accounts, 12 entries checked).\n',
    );
  });

  it('names every difference and ends with 65', async () => {
    const { exitCode, stdout, stderr } = await verified([], { usage: ofUsage, credit: ofCredit });
    expect(exitCode).toBe(65);
    expect(stdout).toContain('4 differences (7 counters, 3 accounts of credit and 12 entries checked):');
    expect(stdout).toContain('seconds of the period of 2026-03-01T00:00:00.000Z is 60, its entries make 61');
    expect(stdout).toContain('session session, attempt 2, is logged, and its hold is still open');
    expect(stdout).toContain(
      'user ada: the balance is not what its entries add up to: balance_micros 70000, recomputed balance_micros 80000',
    );
    expect(stdout).toContain(
      'user ada: entry entry belongs to a payment that is not completed: key payment:7, amount_micros 5, recomputed status missing',
    );
    expect(stderr).toContain('a counter is its cache');
    expect(stderr).toContain('what else wrote to the database');
  });

  it('advises about the book alone that is wrong', async () => {
    expect((await verified([], { usage: ofUsage })).stderr).not.toContain('what else wrote');
    const { exitCode, stderr } = await verified([], { credit: ofCredit });
    expect(exitCode).toBe(65);
    expect(stderr).not.toContain('a counter is its cache');
  });

  it('tells scripts the same, exactly', async () => {
    const { exitCode, stdout } = await verified(['--json'], { usage: ofUsage, credit: ofCredit, truncated: true });
    expect(exitCode).toBe(65);
    expect(JSON.parse(stdout)).toEqual({
      correct: false,
      checked: 7,
      findings: [
        expect.objectContaining({ kind: 'counter_differs', stored: '60', recomputed: '61' }),
        expect.objectContaining({ kind: 'log_with_open_hold', attempt: 2 }),
        {
          kind: 'balance_differs',
          user_id: 'ada',
          id: null,
          stored: { balance_micros: '70000' },
          recomputed: { balance_micros: '80000' },
        },
        {
          kind: 'entry_without_payment',
          user_id: 'ada',
          id: 'entry',
          stored: { key: 'payment:7', amount_micros: '5' },
          recomputed: { status: null },
        },
      ],
      truncated: true,
      credits: { accounts: 3, entries: 12 },
    });
  });
});
