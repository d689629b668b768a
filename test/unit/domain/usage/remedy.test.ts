import { Budget, BUDGET_MODES, type BudgetChanges, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetStatus } from '#domain/budgets/budget-status';
import { DEFAULT_OFFER } from '#domain/payments/default-offer';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import type { Facts } from '#domain/shared/domain-exception';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodUsage } from '#domain/usage/period-usage';
import { isAboutAllowance, KeptRefusal } from '#domain/usage/refusal';
import { type BudgetOutlook, isStillRefused, type UserStanding } from '#domain/usage/refused-check';
import { remediesOf } from '#domain/usage/remedy';
import { ANCHOR, newId, NOW, september } from '#test/contracts/given';

const PLANS = Object.values(DEFAULT_CATALOG.plans);
const user = newId<'User'>();
const usd = (cents: number): Money => Money.ofMicros(BigInt(cents) * 10_000n);

function refusal(code: string, facts: Facts = {}): KeptRefusal {
  return new KeptRefusal(newId<'Refusal'>(), user, NOW, code, 'forbidden', 'No.', facts, '/route', 'request');
}

/** Used, in sessions, minutes and transcriptions; held minutes and transcriptions; running. */
function usage(sessions = 0, minutes = 0, count = 0, held = 0, heldCount = 0, running = 0): PeriodUsage {
  return new PeriodUsage(sessions, Duration.ofMinutes(minutes), count, Duration.ofMinutes(held), heldCount, running);
}

function standing(of: Partial<Omit<UserStanding, 'plan'>> & { plan?: PlanName | null } = {}): UserStanding {
  const { plan = 'free', ...rest } = of;
  return {
    plans: PLANS,
    period: september,
    usage: usage(),
    devices: null,
    credit: null,
    packages: DEFAULT_OFFER.packages,
    budgets: { user: null, global: null },
    paymentDue: null,
    ...rest,
    plan: plan === null ? null : DEFAULT_CATALOG.plans[plan],
  };
}

/** Each remedy as its kind and what belongs to it. */
const steps = (one: KeptRefusal, now: UserStanding): readonly string[] =>
  remediesOf(one, now).map(({ kind, planId, packageId, at }) =>
    [kind, planId, packageId, at?.toISOString()].filter((part) => part != null).join(' '),
  );
const RESET = `wait_for_reset ${september.end!.toISOString()}`;

describe('a refused session', () => {
  const blocked = refusal('session_limit_exceeded', { current_usage: 10, limit: 10 });

  it('is helped by the smallest plan that has room, by waiting, and by looking', () => {
    const now = standing({ usage: usage(10) });
    expect(isStillRefused(blocked, now)).toBe(true);
    expect(steps(blocked, now)).toEqual(['upgrade_plan student', RESET, 'see_usage']);
    expect(steps(blocked, standing({ usage: usage(50) }))[0]).toBe('upgrade_plan pro');
  });

  it('needs no help once there is room, by another plan or by another period', () => {
    for (const now of [standing({ usage: usage(10), plan: 'student' }), standing({ usage: usage(9) })]) {
      expect([isStillRefused(blocked, now), steps(blocked, now)]).toEqual([false, []]);
    }
  });

  it('is not sent to wait for a period that never ends', () => {
    const now = standing({ usage: usage(10), period: BillingPeriod.open });
    expect(steps(blocked, now)).toEqual(['upgrade_plan student', 'see_usage']);
  });

  it('is for the operator when nobody knows the plan', () => {
    const now = standing({ plan: null });
    expect([isStillRefused(blocked, now), steps(blocked, now)]).toEqual([null, ['ask_operator']]);
  });

  it('of minutes alone is decided by the minutes', () => {
    const one = refusal('transcription_limit_exceeded', { requested_seconds: 0 });
    expect(steps(one, standing({ usage: usage(1, 200) }))).toEqual(['upgrade_plan student', RESET, 'see_usage']);
    expect(isStillRefused(one, standing({ usage: usage(1, 199) }))).toBe(false);
  });
});

describe('a refused transcription', () => {
  const minutes = (asked: number) => refusal('transcription_limit_exceeded', { requested_seconds: asked * 60 });

  it('is helped by a plan that has room for as many minutes, beside what is used and held', () => {
    const now = standing({ usage: usage(1, 190, 1, 5) });
    expect(isStillRefused(minutes(5), now)).toBe(false);
    expect(steps(minutes(6), now)).toEqual(['upgrade_plan student', RESET, 'see_usage']);
    expect(steps(minutes(306), now)[0]).toBe('upgrade_plan pro');
  });

  it('is not sent to wait when a whole period has no room for it', () => {
    expect(steps(minutes(201), standing())).toEqual(['upgrade_plan student', 'see_usage']);
  });

  it('of their number is decided by their number alone', () => {
    const one = refusal('transcription_count_exceeded');
    const now = standing({ usage: usage(1, 200, 19, 0, 1, 9) });
    expect(steps(one, now)).toEqual(['upgrade_plan student', RESET, 'see_usage']);
    expect(isStillRefused(one, standing({ usage: usage(1, 200, 18, 0, 1, 9) }))).toBe(false);
  });

  it('beside too many others waits for those, or has a plan that runs more at once', () => {
    const one = refusal('concurrent_transcription_limit_exceeded');
    expect(steps(one, standing({ usage: usage(0, 0, 0, 0, 0, 1) }))).toEqual([
      'wait_for_running_transcriptions',
      'upgrade_plan student',
    ]);
    expect(isStillRefused(one, standing())).toBe(false);
  });
});

describe('what a plan does not have', () => {
  it('is another device: one can be revoked', () => {
    const one = refusal('device_limit_exceeded', { current_usage: 1, limit: 1 });
    expect(steps(one, standing({ devices: 1 }))).toEqual(['revoke_device', 'upgrade_plan student']);
    expect(isStillRefused(one, standing({ devices: 0 }))).toBe(false);
    expect(isStillRefused(one, standing())).toBeNull();
  });

  it('is a format: another can be taken', () => {
    const one = refusal('export_format_not_in_plan', { format: 'docx' });
    expect(steps(one, standing())).toEqual(['upgrade_plan pro', 'use_allowed_format']);
    expect(isStillRefused(one, standing({ plan: 'pro' }))).toBe(false);
    expect(isStillRefused(refusal('export_format_not_in_plan', { format: 'wordstar' }), standing())).toBeNull();
  });

  it('is the size of a file, to the byte', () => {
    const one = refusal('file_size_exceeded', { file_size_mb: 100.01, limit_mb: 60 });
    expect(steps(one, standing())).toEqual(['upgrade_plan pro', 'use_smaller_file']);
    expect(steps(refusal('file_size_exceeded', { file_size_mb: 100 }), standing())[0]).toBe('upgrade_plan student');
    expect(steps(refusal('file_size_exceeded', { file_size_mb: 501 }), standing())).toEqual(['use_smaller_file']);
  });
});

describe('who owes a payment', () => {
  const blocked = refusal('session_limit_exceeded');
  const now = (restores: PlanName | null, sessions: number) =>
    standing({ usage: usage(sessions), paymentDue: { restores } });

  it('pays, when that gives back a plan that is enough', () => {
    expect(steps(blocked, now('pro', 60))).toEqual(['fix_payment pro', RESET, 'see_usage']);
  });

  it('pays before anything larger is sold', () => {
    expect(steps(blocked, now('student', 60))).toEqual(['fix_payment student', 'upgrade_plan pro', RESET]);
    expect(steps(blocked, now(null, 60))).toEqual(['fix_payment', 'upgrade_plan pro', RESET]);
  });

  it('pays before revoking a device', () => {
    const due = standing({ devices: 3, paymentDue: { restores: 'student' } });
    expect(steps(refusal('device_limit_exceeded'), due)).toEqual([
      'fix_payment student',
      'revoke_device',
      'upgrade_plan pro',
    ]);
  });
});

describe('too little credit', () => {
  const blocked = refusal('insufficient_credits', { required_micros: 5_000_000 });
  const credit = (balance: number, held = 0, debt = 0) => ({ balance: usd(balance), held: usd(held), debt: usd(debt) });

  it('is helped by the smallest package that covers what is missing, and what is owed', () => {
    expect(steps(blocked, standing({ credit: credit(100) }))).toEqual(['buy_credit starter']);
    expect(steps(blocked, standing({ credit: credit(0, 0, 500) }))).toEqual(['buy_credit starter']);
    expect(steps(blocked, standing({ credit: credit(0, 0, 501) }))).toEqual(['buy_credit professional']);
  });

  it('is helped by no package when none covers it', () => {
    expect(steps(blocked, standing({ credit: credit(0, 0, 1_000_000) }))).toEqual(['buy_credit']);
  });

  it('waits for running requests first, when what they hold is enough', () => {
    expect(steps(blocked, standing({ credit: credit(500, 1) }))).toEqual([
      'wait_for_running_requests',
      'buy_credit starter',
    ]);
    expect(steps(blocked, standing({ credit: credit(499, 1) }))).toEqual(['buy_credit starter']);
  });

  it('is over when there is enough', () => {
    expect(isStillRefused(blocked, standing({ credit: credit(600, 100) }))).toBe(false);
    expect(isStillRefused(blocked, standing())).toBeNull();
  });
});

describe('a spent budget', () => {
  const blocked = (budget: 'user' | 'global') =>
    refusal('budget_exceeded', { budget, required_micros: 1_000_000, resets_at: null });
  const outlook = (cents: number, changes: BudgetChanges | null, of: Partial<BudgetOutlook> = {}): BudgetOutlook => {
    const plain = Budget.unconfigured(of.mayRaise === undefined ? budgetOf(user) : GLOBAL_BUDGET);
    const budget = changes === null ? plain : plain.changed(changes, 'admin', ANCHOR);
    const spend = { used: usd(cents), held: Money.zero, estimated: Money.zero };
    const status = new BudgetStatus(budget, budget.limit ?? usd(500), budget.periodAt(NOW), spend, NOW);
    return { status, microAllowance: Money.zero, mayRaise: false, ...of };
  };
  const ofUser = (one: BudgetOutlook) => standing({ budgets: { user: one, global: null } });
  const NEXT_MONTH = 'wait_for_reset 2025-10-01T00:00:00.000Z';

  it('of the plan is helped by the operator, by a larger plan, and by waiting', () => {
    expect(steps(blocked('user'), ofUser(outlook(450, null)))).toEqual([
      'ask_operator',
      'upgrade_plan student',
      NEXT_MONTH,
    ]);
  });

  it('that was configured is raised by who may, and no plan changes it', () => {
    const now = ofUser({ ...outlook(450, { limit: usd(500) }), mayRaise: true });
    expect(steps(blocked('user'), now)).toEqual(['raise_budget', NEXT_MONTH]);
  });

  it('of all is the operator’s', () => {
    const now = (mayRaise: boolean) => standing({ budgets: { user: null, global: outlook(450, null, { mayRaise }) } });
    expect(steps(blocked('global'), now(false))).toEqual(['ask_operator', NEXT_MONTH]);
    expect(steps(blocked('global'), now(true))).toEqual(['raise_budget', NEXT_MONTH]);
  });

  it('is not waited for when a whole period has no room', () => {
    expect(steps(blocked('user'), ofUser(outlook(0, { limit: usd(100) })))).toEqual(['ask_operator']);
  });

  it('is over when there is room, or nothing is refused any more', () => {
    expect(isStillRefused(blocked('user'), ofUser(outlook(100, null)))).toBe(false);
    const [alertOnly] = BUDGET_MODES;
    expect(isStillRefused(blocked('user'), ofUser(outlook(900, { mode: alertOnly })))).toBe(false);
    expect([isStillRefused(blocked('user'), standing()), steps(blocked('user'), standing())]).toEqual([
      null,
      ['ask_operator'],
    ]);
  });
});

describe('a refusal of another kind', () => {
  it('is not what a user was blocked by', () => {
    expect(isAboutAllowance(new Error('a fault'))).toBe(false);
  });

  it('that was kept by another version can be told by nobody', () => {
    expect([isStillRefused(refusal('some_other'), standing()), steps(refusal('some_other'), standing())]).toEqual([
      null,
      ['ask_operator'],
    ]);
  });
});
