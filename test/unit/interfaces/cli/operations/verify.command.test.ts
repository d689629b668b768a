import type { SubscriptionVerificationReport } from '#application/billing/subscription-verification';
import type { BudgetVerificationReport } from '#application/budgets/budget-verification';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { CreditVerificationReport } from '#application/credits/credit-verification';
import type { AiUsageVerificationReport } from '#application/gateway/ai-usage-verification';
import type { BooksReport } from '#application/operations/books-report';
import { BooksVerification } from '#application/operations/books-verification';
import type { VerificationReport } from '#application/usage/usage-verification';
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

  const ofAi: AiUsageVerificationReport['findings'] = [
    {
      kind: 'ai_cost_differs',
      userId: ada,
      id: 'request',
      stored: { cost_micros: '7' },
      recomputed: { cost_micros: '6' },
    },
    {
      kind: 'ai_hold_without_log',
      userId: ada,
      id: 'hold',
      stored: { request_id: 'ai:1', settled_micros: '5', ai_usage_log_id: '1' },
      recomputed: { ai_usage_log_id: null },
    },
  ];

  const ofBudgets: BudgetVerificationReport['findings'] = [
    {
      kind: 'budget_used_differs',
      budgetId: budgetOf(ada),
      id: '2026-03-01T00:00:00.000Z',
      stored: { used_micros: '9' },
      recomputed: { used_micros: '8' },
    },
    {
      kind: 'budget_held_differs',
      budgetId: GLOBAL_BUDGET,
      id: '2026-03-01T00:00:00.000Z',
      stored: { held_micros: '1' },
      recomputed: { held_micros: '0' },
    },
  ];

  async function verified(
    args: readonly string[],
    {
      usage = [],
      credit = [],
      ai = [],
      budgets = [],
      subscriptions = [],
      truncated = false,
    }: {
      usage?: VerificationReport['findings'];
      credit?: CreditVerificationReport['findings'];
      ai?: AiUsageVerificationReport['findings'];
      budgets?: BudgetVerificationReport['findings'];
      subscriptions?: SubscriptionVerificationReport['findings'];
      truncated?: boolean;
    } = {},
  ) {
    const { system, givenUser } = aSystem();
    const user = await givenUser();
    const asked: unknown[] = [];
    const books = {
      execute: async (userId: UserId | null): Promise<BooksReport> => {
        asked.push(userId);
        return {
          usage: { checked: 7, findings: usage, truncated: false },
          credit: { accounts: 3, entries: 12, findings: credit, truncated },
          ai: { entries: 5, findings: ai, truncated: false },
          budget: { periods: 2, entries: 6, findings: budgets, truncated: false },
          subscription: { subscriptions: 4, findings: subscriptions, truncated: false },
        };
      },
    };
    const parts = [...system.parts!, [BooksVerification, books] as const];
    return { ...(await ran(['verify', ...args], { parts })), asked, user };
  }

  it('checks the books of everybody, unless a user is named', async () => {
    expect((await verified([])).asked).toEqual([null]);
    const { asked, user } = await verified(['--email', 'ada@example.com']);
    expect(asked).toEqual([user.id]);
  });

  it('says that the books are right, and how much was checked', async () => {
    const { exitCode, stdout, stderr } = await verified([]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'Every counter is what its entries add up to (7 checked).\n' +
        'Every account of credit is what its entries prove (3 accounts, 12 entries checked).\n' +
        'Every AI request costs what it used, and is charged that (5 checked).\n' +
        'Every budget has counted what was spent and is held (2 periods, 6 entries checked).\n' +
        'Every subscription gives what follows from it (4 checked).\n',
    );
  });

  it('names every difference and ends with 65', async () => {
    const { exitCode, stdout, stderr } = await verified([], {
      usage: ofUsage,
      credit: ofCredit,
      ai: ofAi,
      budgets: ofBudgets,
    });
    expect(exitCode).toBe(65);
    expect(stdout).toContain(
      '8 differences (7 counters, 3 accounts of credit and 12 entries, 5 AI requests, 2 periods of budgets, 4 subscriptions checked):',
    );
    expect(stdout).toContain(
      'budget of user ada: the period of 2026-03-01T00:00:00.000Z has not counted what was spent in it: used_micros 9, recomputed used_micros 8',
    );
    expect(stdout).toContain('global budget: the period of');
    expect(stderr).toContain('a budget is their cache');
    expect(stdout).toContain(
      'user ada: AI request request does not cost what it used: cost_micros 7, recomputed cost_micros 6',
    );
    expect(stdout).toContain('user ada: hold hold is settled for an AI request that is not logged: request_id ai:1');
    expect(stdout).toContain('seconds of the period of 2026-03-01T00:00:00.000Z is 60, its entries make 61');
    expect(stdout).toContain('session session, attempt 2, is logged, and its hold is still open');
    expect(stdout).toContain(
      'user ada: the balance is not what its entries add up to: balance_micros 70000, recomputed balance_micros 80000',
    );
    expect(stdout).toContain(
      'user ada: entry entry belongs to a payment that is not completed: key payment:7, amount_micros 5, recomputed status missing',
    );
    expect(stderr).toContain('a counter is its cache');
    expect(stderr).toContain('what else wrote to the database, compare');
    expect(stderr).toContain('An AI request is charged and logged in one transaction');
  });

  it('advises about the book alone that is wrong', async () => {
    expect((await verified([], { usage: ofUsage })).stderr).not.toContain('what else wrote');
    const { exitCode, stderr } = await verified([], { credit: ofCredit });
    expect(exitCode).toBe(65);
    expect(stderr).not.toMatch(/a counter is its cache|An AI request|a budget is their cache/);
    const { exitCode: ofRequests, stderr: said } = await verified([], { ai: ofAi });
    expect([ofRequests, said.includes('An AI request'), said.includes('book of credit')]).toEqual([65, true, false]);
  });

  it('tells scripts the same, exactly', async () => {
    const { exitCode, stdout } = await verified(['--json'], {
      usage: ofUsage,
      credit: ofCredit,
      ai: ofAi,
      budgets: ofBudgets,
      truncated: true,
    });
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
        {
          kind: 'ai_cost_differs',
          user_id: 'ada',
          id: 'request',
          stored: { cost_micros: '7' },
          recomputed: { cost_micros: '6' },
        },
        expect.objectContaining({ kind: 'ai_hold_without_log', id: 'hold' }),
        expect.objectContaining({ kind: 'budget_used_differs', user_id: 'ada' }),
        expect.objectContaining({ kind: 'budget_held_differs', user_id: null, stored: { held_micros: '1' } }),
      ],
      truncated: true,
      credits: { accounts: 3, entries: 12 },
      ai: { requests: 5 },
      budgets: { periods: 2, entries: 6 },
      subscriptions: { checked: 4 },
    });
  });

  it('names a plan that is not the one of the subscription, and how to mend it', async () => {
    const { exitCode, stdout, stderr } = await verified([], {
      subscriptions: [
        { kind: 'plan_differs', userId: ada, id: 'sub_1', stored: { plan: 'free' }, recomputed: { plan: 'pro' } },
      ],
    });
    expect(exitCode).toBe(65);
    expect(stdout).toContain(
      'user ada: sub_1 gives another plan than the user has, and no operator has decided so: plan free, recomputed plan pro',
    );
    expect(stderr).toContain('minutebook subscription sync');
  });
});
