import type { Caller } from '#application/accounts/authentication';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Budget, BudgetForbidden, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { Money } from '#domain/shared/money';
import { type BudgetChoice, budgetOfUser, chosenBudget, mustAllow } from '#interfaces/http/budgets/budget-access';
import {
  configurationChanges,
  configuredBudget,
  ConfigureBudgetRequest,
  reportedUsage,
  ReportUsageRequest,
} from '#interfaces/http/budgets/budget-admin.request';
import { BudgetSettingsRequest, settingsChanges } from '#interfaces/http/budgets/budget.request';
import { InvalidRequest, parse } from '#interfaces/http/shared/parse';
import { HttpProblem } from '#interfaces/http/shared/problem';

const ADA = '00000000-0000-7000-8000-000000000001';
const BOB = '00000000-0000-7000-8000-000000000002';
const NOW = new Date('2026-03-10T12:00:00Z');

const ada = { userId: ADA, role: 'user', deviceId: null } as Caller;
const admin = { ...ada, role: 'admin' } as Caller;

describe('settings that a request gives', () => {
  const changes = (body: object) => settingsChanges(parse(BudgetSettingsRequest, body));

  it('change, and nothing that it does not name', () => {
    expect(changes({})).toStrictEqual({});
    expect(changes({ limit_micros: 0 })).toStrictEqual({ limit: Money.zero });
    expect(
      changes({
        limit_micros: 1,
        budget_period: 'custom',
        custom_period_days: 365,
        mode: 'fallback',
        alert_threshold_yellow: 1,
        alert_threshold_orange: 2,
        alert_threshold_red: 100,
      }),
    ).toStrictEqual({
      limit: Money.ofMicros(1n),
      cadence: 'custom',
      customDays: 365,
      mode: 'fallback',
      yellow: 1,
      orange: 2,
      red: 100,
    });
  });

  it('are taken away by null where something can be taken away, and stay where nothing can', () => {
    expect(changes({ limit_micros: null })).toStrictEqual({ limit: null });
    expect(changes({ budget_period: null, custom_period_days: null, mode: null, alert_threshold_red: null })).toEqual(
      {},
    );
  });

  it('take the same answer back, as it was given', () => {
    const answered = { limit_micros: null, budget_period: 'monthly', custom_period_days: null, mode: 'block' };
    const budget = Budget.unconfigured(budgetOf(ada.userId));
    expect(budget.changed(changes(answered), 'x', NOW)).toEqual({ ...budget, configuredBy: 'x' });
  });
});

describe('a configuration by an admin', () => {
  const parsed = (body: object) => parse(ConfigureBudgetRequest, body);

  it('is of one user, or of the global budget', () => {
    expect(configuredBudget(parsed({ target_user_id: ADA }))).toBe(ADA);
    expect(configuredBudget(parsed({ scope: 'global' }))).toBe(GLOBAL_BUDGET);
    expect(configuredBudget(parsed({ scope: 'global', target_user_id: null, visible: null }))).toBe(GLOBAL_BUDGET);
  });

  it.each([
    [{}, ['target_user_id']],
    [{ scope: 'user', target_user_id: null }, ['target_user_id']],
    [{ scope: 'global', target_user_id: ADA, visible: false }, ['target_user_id', 'visible']],
    [{ scope: 'global', can_modify: false, can_reset: false }, ['can_modify', 'can_reset']],
  ])('%j is refused by its fields', (body, fields) => {
    expect(problemsOf(() => configuredBudget(parsed(body)))).toEqual(fields);
  });

  it('never means the global budget by the id of a user', () => {
    expect(() => configuredBudget(parsed({ target_user_id: GLOBAL_BUDGET }))).toThrow(UserNotFound);
    expect(() => budgetOfUser(GLOBAL_BUDGET)).toThrow(UserNotFound);
    expect(() => budgetOfUser('7')).toThrow(UserNotFound);
  });

  it('changes permissions and notes beside the settings', () => {
    const body = { target_user_id: ADA, limit_micros: 5, visible: false, can_modify: true, can_reset: false };
    expect(configurationChanges(parsed({ ...body, admin_notes: 'pays late' }))).toStrictEqual({
      limit: Money.ofMicros(5n),
      visible: false,
      canModify: true,
      canReset: false,
      notes: 'pays late',
    });
    const nothing = { target_user_id: ADA, admin_notes: null, visible: null };
    expect(configurationChanges(parsed(nothing))).toStrictEqual({ notes: null });
    expect(configurationChanges(parsed({ target_user_id: ADA }))).toStrictEqual({});
  });
});

describe('usage that is reported', () => {
  const least = { request_id: 'r', service_type: 'llm', provider: 'p', model: 'm', operation: 'o' };
  const usage = (body: object) => reportedUsage(parse(ReportUsageRequest, { ...least, ...body }), NOW);

  it('was expected to cost what it did unless it says otherwise, and is of now', () => {
    expect(usage({ actual_cost_micros: 7 })).toEqual({
      userId: null,
      requestId: 'r',
      service: 'llm',
      provider: 'p',
      model: 'm',
      operation: 'o',
      tokens: 0,
      estimated: Money.ofMicros(7n),
      actual: Money.ofMicros(7n),
      succeeded: true,
      metadata: {},
      at: NOW,
    });
  });

  it('is an estimate until somebody tells what it did cost', () => {
    const at = '2026-03-01T00:00:00+01:00';
    const told = { user_id: ADA, estimated_cost_micros: 0, succeeded: false, metadata: { a: 1 }, tokens: 3, at };
    expect(usage(told)).toMatchObject({
      userId: ADA,
      estimated: Money.zero,
      actual: null,
      succeeded: false,
      metadata: { a: 1 },
      tokens: 3,
      at: new Date('2026-02-28T23:00:00Z'),
    });
    expect(usage({ estimated_cost_micros: 9, actual_cost_micros: 0 })).toMatchObject({ actual: Money.zero });
  });

  it('costs something that is told', () => {
    expect(problemsOf(() => usage({}))).toEqual(['actual_cost_micros']);
  });
});

describe('the budget that a question is about', () => {
  it('is the own one, unless an admin asks for another', () => {
    for (const caller of [ada, admin]) {
      expect(chosenBudget(caller, { scope: 'user' })).toBe(ADA);
      expect(chosenBudget(caller, { scope: 'user', user_id: ADA })).toBe(ADA);
    }
    expect(chosenBudget(admin, { scope: 'user', user_id: BOB })).toBe(BOB);
    expect(chosenBudget(admin, { scope: 'global' })).toBe(GLOBAL_BUDGET);
  });

  it.each<BudgetChoice>([
    { scope: 'global' },
    { scope: 'user', user_id: BOB },
    { scope: 'user', user_id: GLOBAL_BUDGET },
    { scope: 'user', user_id: '7' },
  ])('is no other than the own one for a user: %j', (choice) => {
    expect(() => chosenBudget(ada, choice)).toThrow(HttpProblem);
  });

  it('is not the global one of a user', () => {
    expect(problemsOf(() => chosenBudget(admin, { scope: 'global', user_id: BOB }))).toEqual(['user_id']);
  });
});

describe('what a user may do with a budget', () => {
  const budget = Budget.unconfigured(budgetOf(ada.userId));

  it.each([
    ['view', 'visible'],
    ['modify', 'canModify'],
    ['reset', 'canReset'],
  ] as const)('to %s it is what %s says, and admins may', (deed, permission) => {
    const none = { visible: false, canModify: false, canReset: false };
    const only = budget.changed({ ...none, [permission]: true }, 'x', NOW);
    const allBut = budget.changed({ visible: true, canModify: true, canReset: true, [permission]: false }, 'x', NOW);
    expect(() => mustAllow(deed, only, 'user')).not.toThrow();
    expect(() => mustAllow(deed, allBut, 'user')).toThrow(BudgetForbidden);
    expect(() => mustAllow(deed, allBut, 'admin')).not.toThrow();
  });
});

function problemsOf(deed: () => unknown): string[] {
  try {
    deed();
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors.map(({ field }) => field);
    throw error;
  }
  throw new Error('It was accepted.');
}
