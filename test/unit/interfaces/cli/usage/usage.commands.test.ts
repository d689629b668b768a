import { GetCurrentUsage } from '#application/usage/get-current-usage';
import { type ExplanationRequest, GetUsageExplanation } from '#application/usage/get-usage-explanation';
import type { EvidenceSum, ExplainedMetric, LogLine } from '#application/usage/usage-evidence';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { Duration } from '#domain/shared/duration';
import { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodUsage } from '#domain/usage/period-usage';
import { aSystem } from '../a-system.js';
import { ran } from '../rehearsed-run.js';

describe('usage show', () => {
  it('shows used, held and left of every limit, and unlimited as a word', async () => {
    const { system, clock, givenUser } = aSystem();
    const user = await givenUser('ada@example.com', 'pro');
    const usage = new PeriodUsage(12, Duration.ofSeconds(59), 3, Duration.ofSeconds(120), 1, 1);
    const execute = async () => ({
      user,
      plan: DEFAULT_CATALOG.plans.pro,
      period: user.billingPeriodAt(clock.now()),
      usage,
      now: clock.now(),
    });
    const parts = [...system.parts!, [GetCurrentUsage, { execute }] as const];
    const { exitCode, stdout } = await ran(['usage', 'show', '--user', user.id, '--json'], { parts });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      user_id: user.id,
      email: 'ada@example.com',
      plan: 'pro',
      period_start: '2026-03-10T12:00:00.000Z',
      resets_at: '2026-04-10T12:00:00.000Z',
      sessions: { used: 12, held: 0, limit: 'unlimited', remaining: 'unlimited', percentage: null },
      minutes: { used: 1, held: 2, limit: 3000, remaining: 2997, percentage: 0 },
      transcriptions: { used: 3, held: 1, limit: 'unlimited', remaining: 'unlimited', percentage: null },
      running: { used: 1, held: 0, limit: 3, remaining: 2, percentage: 33.3 },
      used_seconds: 59,
      held_seconds: 120,
    });
    const { stdout: text } = await ran(['usage', 'show', '--user', user.id], { parts });
    expect(text).toMatch(/sessions +12 +0 +unlimited +unlimited +-/);
  });
});

describe('usage explain', () => {
  const line = {
    id: 'log',
    sessionId: 'session',
    attempt: 1,
    transcriptionType: 'original',
    outcome: 'completed',
    countedSeconds: 61,
    countedTranscriptions: 1,
    costMicros: 12_000n,
    billingReason: 'transcription_completed',
    completedAt: new Date('2026-03-10T11:00:00.000Z'),
  } as unknown as LogLine;

  async function explained(
    args: readonly string[],
    sum: Partial<EvidenceSum> = {},
    metric: ExplainedMetric = 'minutes',
  ) {
    const { system, givenUser } = aSystem();
    const { id } = await givenUser();
    const asked: ExplanationRequest[] = [];
    const execute = async (request: ExplanationRequest) => {
      asked.push(request);
      return {
        metric,
        period: BillingPeriod.open,
        sum: { entries: 1, recomputed: 61n, counter: 61n, ...sum },
        evidence: { kind: 'log', lines: [line] },
      };
    };
    const parts = [...system.parts!, [GetUsageExplanation, { execute }] as const];
    return { ...(await ran(['usage', 'explain', '--user', id, ...args], { parts })), asked };
  }

  it('lists the entries and their sum, in what is counted and in what is shown', async () => {
    const { exitCode, stdout, asked } = await explained([]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('61 seconds in 1 entries, shown as 2 minutes');
    expect(asked).toMatchObject([{ metric: 'minutes', periodStart: 'current', page: { limit: 20, offset: 0 } }]);
  });

  it('ends with 65 when the counter is not what the entries make', async () => {
    const { exitCode, stdout } = await explained(['--json'], { counter: 60n });
    expect([exitCode, JSON.parse(stdout).agrees]).toEqual([65, false]);
  });

  it('has nothing to compare for cost, which is always read from the log', async () => {
    const { exitCode, stdout } = await explained(['--metric', 'cost', '--json'], { counter: null }, 'cost');
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { unit: 'micro-USD', counter: null, agrees: true }]);
  });

  it.each([
    ['open', 'open'],
    ['2026-03-01T10:00:00Z', new Date('2026-03-01T10:00:00Z')],
  ])('takes the period %s', async (text, periodStart) => {
    expect((await explained(['--period', text])).asked).toMatchObject([{ periodStart }]);
  });

  it.each([
    ['--period', 'last month'],
    ['--metric', 'credits'],
  ])('takes no %s "%s"', async (option, value) => {
    expect((await explained([option, value])).exitCode).toBe(64);
  });
});
