import type { UserId } from '#domain/accounts/user';
import { Budget, type BudgetChanges, BudgetForbidden, budgetOf, GLOBAL_BUDGET, MOST_USD } from '#domain/budgets/budget';
import { mustBeShort } from '#domain/budgets/budget-reset';
import { DomainException } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';

const NOW = new Date('2026-11-18T15:30:00.000Z');
const LATER = new Date('2026-11-19T15:30:00.000Z');
const ADA = '00000000-0000-4000-a000-0000000000ad' as UserId;
const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));

const plain = Budget.unconfigured(budgetOf(ADA));
const changed = (changes: BudgetChanges, of = plain): Budget => of.changed(changes, 'cli:ada', NOW);

function codeOf(changes: BudgetChanges, of = plain): string {
  try {
    changed(changes, of);
  } catch (error) {
    if (error instanceof DomainException) return error.code;
    throw error;
  }
  return 'allowed';
}

describe('a budget', () => {
  it('is of a month, by the limit of the plan, blocks, and may only be looked at until somebody configures it', () => {
    expect(plain.limit).toBeNull();
    expect(plain.schedule).toEqual({ cadence: 'monthly', customDays: null, anchor: null });
    expect([plain.mode, plain.thresholds.yellow, plain.thresholds.orange, plain.thresholds.red]).toEqual([
      ...['block', 50, 75, 90],
    ]);
    expect(plain.permissions).toEqual({ visible: true, canModify: false, canReset: false });
  });

  it('knows whose it is', () => {
    expect([plain.userId, plain.isGlobal]).toEqual([ADA, false]);
    const global = Budget.unconfigured(GLOBAL_BUDGET);
    expect([global.userId, global.isGlobal]).toEqual([null, true]);
  });

  it('changes what is named, and leaves the rest', () => {
    const first = changed({ limit: usd(12), mode: 'fallback', notes: 'Trial', canModify: true });
    const second = changed({ yellow: 30, visible: false }, first);
    expect(second).toMatchObject({ limit: usd(12), mode: 'fallback', notes: 'Trial', configuredBy: 'cli:ada' });
    expect(second.thresholds).toMatchObject({ yellow: 30, orange: 75, red: 90 });
    expect(second.permissions).toEqual({ visible: false, canModify: true, canReset: false });
    expect(second.schedule).toBe(plain.schedule);
    expect(changed({ limit: null, notes: null }, second)).toMatchObject({ limit: null, notes: null });
  });

  it.each<[string, BudgetChanges]>([
    ['invalid_thresholds', { yellow: 80 }],
    ['invalid_thresholds', { yellow: 50, orange: 50 }],
    ['invalid_thresholds', { red: 101 }],
    ['invalid_budget_limit', { limit: usd(-0.000001) }],
    ['invalid_budget_limit', { limit: usd(MOST_USD + 0.000001) }],
    ['allowed', { limit: usd(0) }],
    ['allowed', { limit: usd(MOST_USD) }],
    ['invalid_budget_period', { limit: usd(1), cadence: 'custom' }],
    ['invalid_budget_period', { limit: usd(1), cadence: 'custom', customDays: 0 }],
    ['invalid_budget_period', { limit: usd(1), cadence: 'custom', customDays: 366 }],
    ['invalid_budget_period', { limit: usd(1), cadence: 'custom', customDays: 1.5 }],
    ['allowed', { limit: usd(1), cadence: 'custom', customDays: 365 }],
    ['invalid_budget_period', { limit: usd(1), cadence: 'weekly', customDays: 7 }],
    ['invalid_budget_period', { customDays: 7 }],
    ['budget_limit_required', { cadence: 'weekly' }],
    ['budget_limit_required', { cadence: 'daily', limit: null }],
  ])('answers %s to a change of %j', (code, changes) => {
    expect(codeOf(changes)).toBe(code);
  });

  it('compares thresholds as they come out together, whichever of them are named', () => {
    const low = changed({ yellow: 10, orange: 20, red: 30 });
    expect(codeOf({ orange: 31 }, low)).toBe('invalid_thresholds');
    expect(codeOf({ orange: 29 }, low)).toBe('allowed');
  });

  it('begins a period with another cadence, and not with the same one again', () => {
    const weekly = changed({ limit: usd(5), cadence: 'weekly' });
    expect(weekly.schedule).toEqual({ cadence: 'weekly', customDays: null, anchor: NOW });
    expect(weekly.changed({ cadence: 'weekly' }, 'cli:ada', LATER).schedule).toBe(weekly.schedule);
    const ten = weekly.changed({ cadence: 'custom', customDays: 10 }, 'cli:ada', LATER);
    expect(ten.schedule).toEqual({ cadence: 'custom', customDays: 10, anchor: LATER });
    expect(ten.changed({ customDays: 10 }, 'cli:ada', NOW).schedule).toBe(ten.schedule);
    expect(ten.changed({ customDays: 11 }, 'cli:ada', NOW).schedule.anchor).toEqual(NOW);
    expect(ten.changed({ cadence: 'monthly' }, 'cli:ada', NOW).schedule).toEqual({
      ...{ cadence: 'monthly', customDays: null, anchor: NOW },
    });
  });

  it('begins a period with a reset, and changes nothing else', () => {
    const configured = changed({ limit: usd(5), notes: 'Trial' });
    const reset = configured.reset(NOW);
    expect(reset).toEqual(
      Object.assign(Object.create(Budget.prototype) as Budget, configured, { schedule: reset.schedule }),
    );
    expect(reset.schedule).toEqual({ cadence: 'monthly', customDays: null, anchor: NOW });
    expect(reset.periodAt(NOW).start).toEqual(NOW);
    expect(reset.periodAt(new Date(NOW.getTime() - 1)).end).toEqual(NOW);
  });

  it.each(['view', 'modify', 'reset'] as const)('says who may allow a user to %s it', (deed) => {
    const refusal = new BudgetForbidden(deed);
    expect([refusal.code, refusal.refusal]).toEqual([`budget_${deed}_forbidden`, 'forbidden']);
    expect(refusal.message).toContain('Contact an administrator.');
  });

  it('keeps reasons and notes of up to 500 characters', () => {
    expect(() => mustBeShort('reason', 'x'.repeat(500))).not.toThrow();
    expect(() => mustBeShort('notes', null)).not.toThrow();
    expect(() => mustBeShort('notes', 'x'.repeat(501))).toThrow(
      expect.objectContaining({ code: 'notes_too_long', facts: { field: 'notes', characters: 501, limit: 500 } }),
    );
  });
});
