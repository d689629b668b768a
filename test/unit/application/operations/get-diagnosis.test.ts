import type { ClockShift } from '#application/billing/clock-shift';
import type { Finding } from '#application/operations/finding';
import { GetDiagnosis } from '#application/operations/get-diagnosis';
import type { ProviderFindings } from '#application/operations/provider-findings';
import type { PaymentsState, ScheduleState, SystemState } from '#application/operations/system-state';
import type { PaymentReconciliationRun, PaymentRepair } from '#application/payments/payment-reconciliation-log';
import type { Transcriber } from '#application/sessions/transcriber';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { RateCard, type RateCardId, type RateCards } from '#domain/providers/rate-card';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { ConfiguredTranscribers } from '#infrastructure/providers/configured-transcribers';
import { InMemoryRateCards } from '#test/support/fakes/in-memory-rate-cards';
import { InMemoryVerificationRuns } from '#test/support/fakes/in-memory-verification-runs';
import { ManualClock } from '#test/support/fakes/manual-clock';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

const HOUR_MS = 60 * 60 * 1000;

const PAID: PaymentsState = {
  deadEvents: 0,
  lateEvents: 0,
  oldestLateAt: null,
  inReview: 0,
  overdue: 0,
  hasPayments: true,
};

const WELL: SystemState = {
  queue: async () => ({ due: 2, oldestDueAt: ago(5), dead: 0 }),
  countWorkersSeen: async () => 1,
  countExpiredHolds: async () => 0,
  plansInUse: async () => [{ plan: 'free', users: 3 }],
  uploadsRefusal: async () => null,
  payments: async () => PAID,
  schedule: async () => ({ knownForMs: 100 * 24 * HOUR_MS, ranMsAgo: 60_000 }),
  pendingMigrations: async () => [],
};

const RUN: PaymentReconciliationRun = {
  id: 'run' as PaymentReconciliationRun['id'],
  actor: 'system',
  beganAt: ago(61),
  endedAt: ago(60),
  since: ago(3 * 24 * 3600),
  examined: 12,
  failed: 0,
  repairs: [],
};
const REPAIR = { paymentId: 'one', before: {}, after: {} } as unknown as PaymentRepair;

const CARD = new RateCard('rate' as RateCardId, 'sandbox', 'one', 6000n, ago(60), 'a test');

async function finding(
  check: string,
  changed: Partial<SystemState>,
  prices: RateCards = new InMemoryRateCards(CARD),
  latest: PaymentReconciliationRun | null = RUN,
  { offsetMs = 0, verifications = new InMemoryVerificationRuns() } = {},
): Promise<Finding | undefined> {
  const diagnosis = new GetDiagnosis(
    { ...WELL, ...changed } as SystemState,
    new FixedPlanCatalog(DEFAULT_CATALOG),
    new ConfiguredTranscribers([{ provider: 'sandbox', model: 'one' } as Transcriber]),
    prices,
    { append: async () => undefined, latest: async () => latest },
    { execute: async () => [] } as unknown as ProviderFindings,
    verifications,
    { offsetMs } as ClockShift,
    new ManualClock(NOW),
  );
  return (await diagnosis.execute()).find((found) => found.check === check);
}

describe('The diagnosis', () => {
  it.each(['plans', 'prices', 'uploads', 'workers', 'queue', 'dead_jobs', 'holds'])(
    'of a system that is well says so of its %s',
    async (check) => {
      expect(await finding(check, {})).toMatchObject({ verdict: 'ok', next: null });
    },
  );

  it('names a plan that users are on and the catalogue does not have', async () => {
    const state = {
      plansInUse: async () => [
        { plan: 'free', users: 3 },
        { plan: 'gold', users: 2 },
      ],
    };
    expect(await finding('plans', state)).toMatchObject({
      verdict: 'broken',
      summary: expect.stringContaining('"gold" (2 users)'),
      next: expect.stringContaining('minutebook user plan'),
    });
  });

  it('names a configured transcriber that has no price', async () => {
    expect(await finding('prices', {}, new InMemoryRateCards())).toMatchObject({
      verdict: 'broken',
      summary: expect.stringContaining('sandbox one'),
    });
  });

  it('takes an outage while it asks for prices for no finding about prices', async () => {
    const prices = new InMemoryRateCards();
    prices.priceOf = () => Promise.reject(new Error('Connection terminated'));
    await expect(finding('prices', {}, prices)).rejects.toThrow('Connection terminated');
  });

  it.each<[string, string, Partial<SystemState>]>([
    ['uploads', 'unavailable', { uploadsRefusal: async () => 'EACCES: permission denied' }],
    ['workers', 'unavailable', { countWorkersSeen: async () => 0 }],
    ['queue', 'warning', { queue: async () => ({ due: 9, oldestDueAt: ago(61), dead: 0 }) }],
    ['dead_jobs', 'broken', { queue: async () => ({ due: 0, oldestDueAt: null, dead: 1 }) }],
    ['holds', 'broken', { countExpiredHolds: async () => 1 }],
  ])('of %s that are not as they must be is %s, and says what to do', async (check, verdict, state) => {
    expect(await finding(check, state)).toMatchObject({ verdict, next: expect.any(String) });
  });

  it('gives workers four beats to be heard of, and the sweep a quarter of an hour', async () => {
    const asked: unknown[] = [];
    const seen = async (limit: unknown): Promise<number> => asked.push(limit);
    await finding('workers', { countWorkersSeen: seen, countExpiredHolds: seen });
    expect(asked).toEqual([20, ago(15 * 60)]);
  });

  it('looks at the queue once, for what waits and for what was given up', async () => {
    let looks = 0;
    await finding('queue', { queue: async () => (looks++, { due: 0, oldestDueAt: null, dead: 0 }) });
    expect(looks).toBe(1);
  });

  it.each(['dead_webhooks', 'late_webhooks', 'reviews', 'checkouts', 'reconciler'])(
    'of payments that are well says so of their %s',
    async (check) => {
      expect(await finding(check, {})).toMatchObject({ verdict: 'ok', next: null });
    },
  );

  it.each<[string, string, Partial<PaymentsState>, string]>([
    ['dead_webhooks', 'broken', { deadEvents: 2 }, '2 events'],
    [
      'late_webhooks',
      'warning',
      { lateEvents: 1, oldestLateAt: ago(901) },
      '1 event, the oldest since 2026-03-10T11:44',
    ],
    ['reviews', 'broken', { inReview: 1 }, '1 payment'],
    ['checkouts', 'warning', { overdue: 3 }, '3 payments'],
  ])('of payments with %s is %s, and says how many and what to do', async (check, verdict, state, words) => {
    expect(await finding(check, { payments: async () => ({ ...PAID, ...state }) })).toMatchObject({
      verdict,
      summary: expect.stringContaining(words),
      next: expect.stringContaining('minutebook '),
    });
  });

  it.each<[string, string, PaymentReconciliationRun | null]>([
    ['was never made', 'never', null],
    ['was made more than three hours ago', '08:59', { ...RUN, endedAt: ago(3 * 3600 + 1) }],
    ['could not compare some', '1 failed', { ...RUN, failed: 1 }],
    ['had something to repair', '1 repaired', { ...RUN, repairs: [REPAIR] }],
  ])('warns when the last comparison with the provider %s', async (_, words, latest) => {
    expect(await finding('reconciler', {}, undefined, latest)).toMatchObject({
      verdict: 'warning',
      summary: expect.stringContaining(words),
      next: expect.any(String),
    });
  });

  it('does not miss a comparison where nothing was sold for three hours', async () => {
    const payments = async () => ({ ...PAID, hasPayments: false });
    expect(await finding('reconciler', { payments }, undefined, null)).toMatchObject({ verdict: 'ok' });
  });

  it('gives an event a quarter of an hour, and the reconciler three', async () => {
    let asked: unknown[] = [];
    await finding('reviews', { payments: async (...limits) => ((asked = limits), PAID) });
    expect(asked).toEqual([ago(15 * 60), ago(3 * 3600)]);
  });

  describe('of payments that were never compared', () => {
    const since = (schedule: ScheduleState | null) =>
      finding('reconciler', { schedule: async () => schedule }, undefined, null);

    it('leaves a worker the time in which its turn comes', async () => {
      expect(await since({ knownForMs: 3 * HOUR_MS - 1, ranMsAgo: null })).toMatchObject({
        verdict: 'ok',
        summary: expect.stringContaining('within the hour'),
      });
    });

    it('asks for a worker where none was ever started, or none is any more', async () => {
      for (const schedule of [null, { knownForMs: 9 * HOUR_MS, ranMsAgo: null }]) {
        expect(await since(schedule)).toMatchObject({
          verdict: 'warning',
          next: expect.stringMatching(/^Start a worker/),
        });
      }
    });

    it('sends to the log of the worker where one tries and does not come to an end', async () => {
      expect(await since({ knownForMs: 9 * HOUR_MS, ranMsAgo: 60_000 })).toMatchObject({
        verdict: 'warning',
        next: expect.stringContaining('reconcile_payments'),
      });
    });
  });

  it('takes no payments for uncompared because an operator moved the clock of a sandbox', async () => {
    const before = { ...RUN, endedAt: ago(30 * 24 * 3600) };
    const moved = { offsetMs: 29 * 24 * HOUR_MS };
    expect(await finding('reconciler', {}, undefined, before, moved)).toMatchObject({ verdict: 'ok' });
    expect(await finding('reconciler', {}, undefined, before)).toMatchObject({ verdict: 'warning' });
    const asleep = { schedule: async () => ({ knownForMs: 99 * HOUR_MS, ranMsAgo: 4 * HOUR_MS }) };
    expect(await finding('reconciler', asleep, undefined, before, moved)).toMatchObject({ verdict: 'warning' });
  });

  it('tells of the last verification of the books', async () => {
    const verifications = new InMemoryVerificationRuns();
    const id = 'run' as Parameters<typeof verifications.touch>[0];
    await verifications.begin({ id, requestedBy: 'system', startedAt: ago(60) }, ago(900));
    const result = { findingsCount: 0, truncated: false, findings: [], checked: { credit_entries: 7 } };
    await verifications.finish(id, result, ago(30));
    expect(await finding('verification', {}, undefined, RUN, { verifications })).toEqual({
      check: 'verification',
      verdict: 'ok',
      summary: `The books were verified at ${ago(30).toISOString()}: nothing differs (entries checked: 7).`,
      next: null,
    });
  });
});
