import type { Page } from '@playwright/test';
import { AnsweredApi, type Changes } from './answers.js';
import { BLOCKED, inDays, minutesUsed, NEW_KEY, SETTABLE, spent, subscription, used } from './changes.js';

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

const open = async (page: Page, button: string | RegExp): Promise<void> => {
  await page.getByRole('button', { name: button }).first().click();
  await page.getByRole('dialog').waitFor();
};

const unfold = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => one.setAttribute('open', '')));
  await page.waitForFunction(() => document.querySelector('#budget form, #budget dl + p') !== null);
  await page.locator('.skeleton').waitFor({ state: 'detached' });
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
