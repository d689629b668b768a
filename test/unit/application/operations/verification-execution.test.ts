import type { AiUsageVerification } from '#application/gateway/ai-usage-verification';
import type { BudgetVerification } from '#application/budgets/budget-verification';
import { BooksVerification } from '#application/operations/books-verification';
import { VerificationExecution } from '#application/operations/verification-execution';
import { VerificationRequest } from '#application/operations/verification-request';
import type { CreditVerification, CreditVerificationReport } from '#application/credits/credit-verification';
import type { UsageVerification } from '#application/usage/usage-verification';
import type { UserId } from '#domain/accounts/user';
import { BooksVerificationHandler } from '#interfaces/jobs/books-verification.handler';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryVerificationRuns } from '#test/support/fakes/in-memory-verification-runs';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingJobQueue } from '#test/support/fakes/recording-job-queue';
import { RecordingLog } from '#test/support/fakes/recording-log';
import type { SubscriptionVerification } from '#application/billing/subscription-verification';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

const PAGE = { limit: 10, offset: 0 };

function aWorld(
  credit: () => Promise<Partial<CreditVerificationReport>> = async () => ({}),
  truncated: string | null = null,
) {
  const transaction = new InMemoryTransaction(true);
  const [clock, ids, log] = [new ManualClock('2026-03-10T12:00:00.000Z'), new SequentialIds(), new RecordingLog()];
  const runs = new InMemoryVerificationRuns();
  const jobs = new RecordingJobQueue(transaction);
  let verified = 0;
  const rightOf = (book: string) => ({ findings: [], truncated: book === truncated });
  const books = new BooksVerification(
    { execute: async () => (verified++, { checked: 3, ...rightOf('usage') }) } as unknown as UsageVerification,
    {
      execute: async () => ({ accounts: 2, entries: 20, ...rightOf('credit'), ...(await credit()) }),
    } as unknown as CreditVerification,
    { execute: async () => ({ entries: 300, ...rightOf('ai') }) } as unknown as AiUsageVerification,
    { execute: async () => ({ periods: 4, entries: 4000, ...rightOf('budget') }) } as unknown as BudgetVerification,
    { execute: async () => ({ subscriptions: 5, ...rightOf('subscription') }) } as unknown as SubscriptionVerification,
  );
  const execution = new VerificationExecution(books, runs, transaction, ids, clock, log);
  return {
    ...{ clock, runs, jobs, log, execution },
    handler: new BooksVerificationHandler(execution),
    request: new VerificationRequest(runs, jobs, transaction, ids, clock),
    verified: () => verified,
    listed: async () => (await runs.list(PAGE, new Date(0))).items,
  };
}

const difference = { kind: 'balance_differs', userId: 'ada' as UserId, id: null, stored: {}, recomputed: {} } as const;

describe('A verification that was asked for', () => {
  it('is done by a worker once, and keeps what it checked', async () => {
    const world = aWorld();
    const id = await world.request.execute('root');
    await world.handler.handle({ runId: id });
    await world.handler.handle({ runId: id });
    expect(world.verified()).toBe(1);
    expect(await world.listed()).toMatchObject([
      { id, requestedBy: 'root', outcome: 'verified', findingsCount: 0, entriesChecked: 4320 },
    ]);
  });

  it('keeps the first thousand of what it found, and how much it was', async () => {
    const world = aWorld(async () => ({ findings: Array<typeof difference>(1500).fill(difference), truncated: true }));
    await world.handler.handle({ runId: await world.request.execute('root') });
    const [run] = await world.listed();
    expect([run!.findings.length, run!.findingsCount, run!.truncated]).toEqual([1000, 1500, true]);
    expect(run!.findings[0]).toEqual({ kind: 'balance_differs', user_id: 'ada', id: null, stored: {}, recomputed: {} });
  });

  it.each(['usage', 'credit', 'ai', 'budget', 'subscription'])(
    'says that there is more than was counted when that is so of the book of %s alone',
    async (book) => {
      const world = aWorld(undefined, book);
      await world.handler.handle({ runId: await world.request.execute('root') });
      expect(await world.listed()).toMatchObject([{ outcome: 'verified', truncated: true }]);
    },
  );

  it('keeps how much of each book was looked at', async () => {
    const world = aWorld();
    await world.handler.handle({ runId: await world.request.execute('root') });
    const [run] = await world.listed();
    expect(run!.checked).toEqual({
      counters: 3,
      credit_accounts: 2,
      credit_entries: 20,
      ai_requests: 300,
      budget_periods: 4,
      budget_entries: 4000,
      subscriptions: 5,
    });
  });

  it('keeps why it failed, throws it, and lets another begin', async () => {
    const world = aWorld(() => Promise.reject(new Error('Connection terminated')));
    const runId = await world.request.execute('root');
    await expect(world.handler.handle({ runId })).rejects.toThrow('Connection terminated');
    expect(await world.listed()).toMatchObject([{ outcome: 'failed', error: 'Connection terminated' }]);
    await expect(world.request.execute('root')).resolves.toEqual(expect.any(String));
  });

  it('gives a sign of life between the books, so that a long one is not taken for lost', async () => {
    const world = aWorld(async () => (world.clock.advance(14 * 60), {}));
    await world.handler.handle({ runId: await world.request.execute('root') });
    const whileItRan = aWorld(async () => {
      whileItRan.clock.advance(14 * 60);
      await expect(whileItRan.request.execute('other')).rejects.toThrow('one verification runs at a time');
      return {};
    });
    await whileItRan.handler.handle({ runId: await whileItRan.request.execute('root') });
    expect(await whileItRan.listed()).toMatchObject([{ outcome: 'verified' }]);
  });
});

describe('The daily verification', () => {
  it('begins a run of its own', async () => {
    const world = aWorld();
    await world.handler.handle({ _cron: { ts: '2026-03-10T03:41:00.000Z', backfilled: false } });
    expect(await world.listed()).toMatchObject([{ requestedBy: 'system', outcome: 'verified' }]);
  });

  it('leaves it to the one that is under way', async () => {
    const world = aWorld();
    await world.request.execute('root');
    await world.handler.handle({});
    expect([world.verified(), await world.listed()]).toMatchObject([0, [{ requestedBy: 'root', outcome: null }]]);
  });

  it('refuses a job that names something else than a run', async () => {
    await expect(aWorld().handler.handle({ runId: 7 })).rejects.toThrow('names no run');
  });
});
