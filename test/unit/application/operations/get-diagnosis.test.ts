import { type Finding, GetDiagnosis } from '#application/operations/get-diagnosis';
import type { PaymentsState, SystemState } from '#application/operations/system-state';
import type { PaymentReconciliationRun, PaymentRepair } from '#application/payments/payment-reconciliation-log';
import type { Transcriber } from '#application/sessions/transcriber';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { RateCard, type RateCardId, type RateCards } from '#domain/providers/rate-card';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { ConfiguredTranscribers } from '#infrastructure/providers/configured-transcribers';
import { InMemoryRateCards } from '#test/support/fakes/in-memory-rate-cards';
import { ManualClock } from '#test/support/fakes/manual-clock';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

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
): Promise<Finding | undefined> {
  const diagnosis = new GetDiagnosis(
    { ...WELL, ...changed } as SystemState,
    new FixedPlanCatalog(DEFAULT_CATALOG),
    new ConfiguredTranscribers([{ provider: 'sandbox', model: 'one' } as Transcriber]),
    prices,
    { append: async () => undefined, latest: async () => latest },
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
});
