import type { Page } from '@playwright/test';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { CurrentUsageResponse, LimitUseResponse } from '#interfaces/http/usage/current-usage.response';
import type { RefusalResponse, RemedyResponse } from '#interfaces/http/usage/refusal.response';
import { AnsweredApi, type Changes } from './answers.js';

/** One thing that the billing page can show. */
export interface State {
  /** Of a user who has just registered, or of a coach who uses and pays for it. */
  readonly of: 'newcomer' | 'coach';
  readonly changes?: Changes;
  /** Refusals by path: `detail` of a 403. */
  readonly refused?: Readonly<Record<string, object>>;
  readonly line?: 'held' | 'aborted';
  /** What is done on the page before it is looked at. */
  readonly then?: (page: Page) => Promise<void>;
}

const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

const subscription = (change: Partial<SubscriptionResponse>): Changes => ({
  '/api/v1/billing/subscription': (real) => ({ ...real, ...change }),
});

const used = (use: LimitUseResponse, count: number, held: number, limit: LimitUseResponse['limit']) => ({
  ...use,
  used: count,
  held,
  limit,
  remaining: limit === 'unlimited' ? limit : Math.max(0, limit - count - held),
  percentage: limit === 'unlimited' ? null : (count / limit) * 100,
});

const minutesUsed = (real: CurrentUsageResponse, count: number, held: number, limit: LimitUseResponse['limit']) => ({
  ...real.minutes,
  ...used(real.minutes, count, held, limit),
  used_seconds: count * 60,
  held_seconds: held * 60,
  limit_seconds: limit === 'unlimited' ? limit : limit * 60,
});

const remedy = (kind: RemedyResponse['kind'], more: Partial<RemedyResponse> = {}): RemedyResponse => ({
  kind,
  plan_id: null,
  package_id: null,
  at: null,
  ...more,
});

const refusal = (place: number, change: Partial<RefusalResponse>): RefusalResponse => ({
  id: `01a1fef9-0000-7000-8000-00000000000${place}`,
  at: inDays(-place - 0.01),
  code: 'transcription_limit_exceeded',
  message: 'The minutes of this period are used up.',
  facts: { current_usage: 2990, limit: 3000, held: 4, requested: 30 },
  still_refused: true,
  remedies: [],
  ...change,
});

const BLOCKED: Changes = {
  '/api/v1/usage/refusals': () => ({
    data: [
      refusal(0, {
        remedies: [
          remedy('upgrade_plan', { plan_id: 'coaching_school' }),
          remedy('wait_for_reset', { at: inDays(16) }),
          remedy('see_usage'),
        ],
      }),
      refusal(1, { code: 'insufficient_credits', facts: { required: 120, balance: 40, held: 10 } }),
      refusal(2, { code: 'something_new', facts: {} }),
    ],
    total: 3,
    has_more: false,
  }),
};

const spent = (percent: number, change: 'green' | 'red' | 'critical'): Changes => ({
  '/api/v1/budget/status': (real) => {
    const micros = (real.total_budget_micros * percent) / 100;
    return {
      ...real,
      used_budget_micros: micros,
      held_micros: 1_250_000,
      estimated_micros: 900_000,
      available_micros: Math.max(0, real.total_budget_micros - micros),
      percentage_used: percent,
      alert_level: change,
      is_over_budget: percent > 100,
      projected_cost_micros: micros * 1.3,
    };
  },
  '/api/v1/budget/alerts': (real) => ({
    ...real,
    total: 2,
    data: (['red', 'forecast'] as const).map((kind, place) => ({
      id: `01a1fef9-0000-7000-8000-00000000001${place}`,
      kind,
      severity: 'critical',
      title: 'Budget',
      message: 'Budget',
      action_required: true,
      total_budget_micros: 60_000_000,
      used_budget_micros: 54_000_000,
      projected_cost_micros: 71_000_000,
      percentage_used: 90,
      budget_period: 'monthly',
      period_start: inDays(-20),
      period_end: inDays(10),
      created_at: inDays(-place - 1),
    })),
  }),
});

const open = async (page: Page, button: string | RegExp): Promise<void> => {
  await page.getByRole('button', { name: button }).first().click();
  await page.getByRole('dialog').waitFor();
};

const unfold = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => one.setAttribute('open', '')));
  await page.waitForFunction(() => document.querySelector('#budget form, #budget dl + p') !== null);
  await page.locator('.skeleton').waitFor({ state: 'detached' });
};

const MAY_DO_ALL = { visible: true, can_modify: true, can_reset: true } as const;
const SETTABLE: Changes = {
  '/api/v1/budget/settings': (real) => ({ ...real, permissions: { ...real.permissions, ...MAY_DO_ALL } }),
};

const NEW_KEY: Changes = {
  'POST /api/v1/devices': () => ({
    id: '01a1fef9-0000-7000-8000-000000000003',
    name: 'Office laptop',
    prefix: 'mb_test_',
    last_four: 'wxyz',
    created_at: inDays(0),
    last_seen_at: null,
    revoked_at: null,
    key: 'mb_test_0123456789abcdefghijklmnopqrstuvwxyz0123456789',
  }),
};

/** Every state of the billing page, by its name. */
export const STATES: Readonly<Record<string, State>> = {
  fresh: { of: 'newcomer' },
  loading: { of: 'newcomer', line: 'held' },
  failing: { of: 'newcomer', line: 'aborted' },
  stale: {
    of: 'coach',
    then: async (page) => {
      await AnsweredApi.breakLine(page, 'aborted');
      await page.evaluate(() => dispatchEvent(new Event('minutebook:changed')));
      await page.locator('.note-stale').nth(5).waitFor();
    },
  },
  active: { of: 'coach' },
  trial: { of: 'coach', changes: subscription({ status: 'trialing', trial_end: inDays(5) }) },
  'past due': {
    of: 'coach',
    changes: {
      ...subscription({ status: 'past_due', grace_period_ends_at: inDays(4) }),
      '/api/v1/billing/invoices': (real) => ({
        ...real,
        data: real.data.map((invoice, place) =>
          place > 0
            ? invoice
            : {
                ...invoice,
                status: 'open',
                is_past_due: true,
                amount_paid: 0,
                amount_remaining: invoice.total - 100,
                next_attempt_at: inDays(2),
              },
        ),
      }),
    },
  },
  'grace over': { of: 'coach', changes: subscription({ status: 'past_due', grace_period_ends_at: inDays(-2) }) },
  'cancels on': { of: 'coach', changes: subscription({ cancel_at_period_end: true, next_charge: null }) },
  ended: { of: 'coach', changes: subscription({ status: 'canceled', tier: 'free', next_charge: null }) },
  unpaid: { of: 'coach', changes: subscription({ status: 'incomplete', tier: 'free', next_charge: null }) },
  paused: { of: 'coach', changes: subscription({ status: 'paused', tier: 'free', next_charge: null }) },
  review: { of: 'coach', changes: subscription({ status: 'review', tier: 'free', next_charge: null }) },
  'pending change': {
    of: 'coach',
    changes: subscription({
      pending_change: { plan_id: 'student', billing_cycle: 'year', effective_at: inDays(12) },
    }),
  },
  overused: {
    of: 'coach',
    changes: {
      '/api/v1/usage/current': (real) => ({
        ...real,
        sessions: used(real.sessions, 41, 0, 50),
        minutes: minutesUsed(real, 3120, 25, 3000),
        transcriptions: used(real.transcriptions, 88, 12, 100),
      }),
      '/api/v1/usage/predictions': (real) => ({
        ...real,
        sessions: {
          ...real.sessions,
          status: 'projected',
          reason: null,
          used: 41,
          limit: 50,
          projected: 82,
          estimated_limit_date: inDays(3),
          confidence: 'high',
        },
      }),
    },
  },
  unlimited: {
    of: 'coach',
    changes: {
      '/api/v1/usage/current': (real) => ({
        ...real,
        sessions: used(real.sessions, 1_234, 0, 'unlimited'),
        minutes: minutesUsed(real, 98_765, 120, 'unlimited'),
        transcriptions: used(real.transcriptions, 4_321, 2, 'unlimited'),
        retention_days: 'unlimited',
      }),
    },
  },
  'debt and held credit': {
    of: 'coach',
    changes: {
      '/user/balance': (real) => ({ ...real, credits: 640.125, held: 40.5, available: 599.625, debt: 312.0001 }),
      '/api/v1/credits/transactions': (real) => ({
        ...real,
        total: 40,
        data: real.data.map((entry) => ({ ...entry, debt: -12.5, metadata: { session_id: entry.id } })),
      }),
    },
    then: unfold,
  },
  'budget red': { of: 'coach', changes: spent(92, 'red') },
  'budget over': { of: 'coach', changes: spent(118, 'critical') },
  'budget hidden': {
    of: 'coach',
    refused: { '/api/v1/budget/status': { error: 'budget_view_forbidden', message: 'Not shown.' } },
  },
  'devices full': {
    of: 'coach',
    changes: {
      '/api/v1/devices': ({ data }) => {
        const some = Array.from({ length: 13 }, (_, place) => ({
          ...data[0]!,
          id: `01a1fef9-0000-7000-8000-0000000001${String(place).padStart(2, '0')}`,
          name: place % 2 ? `Laptop in the office of ${place}` : `phone-${place}`,
          revoked_at: place < 10 ? null : inDays(-place),
        }));
        return { data: some, total: some.length, has_more: false };
      },
    },
    then: unfold,
  },
  blocked: { of: 'coach', changes: BLOCKED },
  unfolded: { of: 'coach', changes: { ...SETTABLE, ...BLOCKED }, then: unfold },
  'change dialog': {
    of: 'coach',
    changes: {
      'POST /api/v1/billing/subscription/preview-change': () => ({
        from: { plan_id: 'pro', billing_cycle: 'month' },
        to: { plan_id: 'student', billing_cycle: 'month' },
        direction: 'upgrade',
        effective: 'now',
        at: inDays(0),
        ends_trial: false,
        money: {
          currency: 'usd',
          due_now: 2345,
          credit_left: 0,
          lines: [
            { description: 'Unused time on Pro', amount: -1654, is_proration: true },
            { description: 'Remaining time on the new plan', amount: 3999, is_proration: true },
          ],
        },
        next_charge: { amount: 3999, currency: 'usd', at: inDays(30) },
        limits: [
          { name: 'sessions', from: 'unlimited', to: 50, used: 2, fits: true },
          { name: 'minutes', from: 3000, to: 500, used: 640.5, fits: false },
          { name: 'export_formats', from: ['json', 'txt', 'docx'], to: ['json', 'txt'], used: null, fits: false },
        ],
      }),
    },
    then: async (page) => {
      await open(page, /^(Change to|Wechseln zu|變更為)/);
      await page.getByRole('dialog').getByRole('table').waitFor();
    },
  },
  'cancel dialog': { of: 'coach', then: (page) => open(page, 'Cancel plan') },
  'new key dialog': { of: 'coach', then: (page) => open(page, 'New API key') },
  'secret dialog': {
    of: 'coach',
    changes: NEW_KEY,
    then: async (page) => {
      await open(page, 'New API key');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox').fill('Office laptop');
      await dialog.getByRole('button', { name: 'New API key' }).click();
      await dialog.getByText('shown only now').waitFor();
    },
  },
  'revoke dialog': { of: 'coach', then: (page) => open(page, /^Revoke/) },
  'reset dialog': {
    of: 'coach',
    changes: SETTABLE,
    then: async (page) => {
      await unfold(page);
      await open(page, 'Start a new period');
    },
  },
};
