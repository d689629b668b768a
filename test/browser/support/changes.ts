import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { CurrentUsageResponse, LimitUseResponse } from '#interfaces/http/usage/current-usage.response';
import type { RefusalResponse, RemedyResponse } from '#interfaces/http/usage/refusal.response';
import type { Changes } from './answers.js';

// What states are made of: how the server's answers change in them.

const DAY_MS = 86_400_000;
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

export const subscription = (change: Partial<SubscriptionResponse>): Changes => ({
  '/api/v1/billing/subscription': (real) => ({ ...real, ...change }),
});

export const used = (use: LimitUseResponse, count: number, held: number, limit: LimitUseResponse['limit']) => ({
  ...use,
  used: count,
  held,
  limit,
  remaining: limit === 'unlimited' ? limit : Math.max(0, limit - count - held),
  percentage: limit === 'unlimited' ? null : (count / limit) * 100,
});

export const minutesUsed = (
  real: CurrentUsageResponse,
  count: number,
  held: number,
  limit: LimitUseResponse['limit'],
) => ({
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

export const BLOCKED: Changes = {
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

export const spent = (percent: number, change: 'green' | 'red' | 'critical'): Changes => ({
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

const MAY_DO_ALL = { visible: true, can_modify: true, can_reset: true } as const;
export const SETTABLE: Changes = {
  '/api/v1/budget/settings': (real) => ({ ...real, permissions: { ...real.permissions, ...MAY_DO_ALL } }),
};

export const NEW_KEY: Changes = {
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
