import { budgetOf } from '#domain/budgets/budget';
import { type AlertKind, BudgetAlert, type BudgetAlertId, dollars, percent } from '#domain/budgets/budget-alert';
import { BudgetPeriod, type Cadence } from '#domain/budgets/budget-period';
import { Money } from '#domain/shared/money';
import { aUser } from '#test/support/builders/users';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const march = BudgetPeriod.of(new Date('2026-03-01T00:00:00Z'), new Date('2026-04-01T00:00:00Z'));

function anAlert(kind: AlertKind, used: Money, of: { cadence?: Cadence; limit?: Money; projected?: Money } = {}) {
  const { cadence = 'monthly', limit = usd(30), projected = Money.zero } = of;
  const id = '00000000-0000-7000-8000-000000000001' as BudgetAlertId;
  return new BudgetAlert(id, budgetOf(aUser().id), march, cadence, kind, limit, used, projected, march.start);
}

describe('an alert of a budget', () => {
  it('watches at the orange level, for information', () => {
    const alert = anAlert('orange', usd(22.5));
    expect(alert).toMatchObject({ severity: 'info', title: 'Budget Watch', actionRequired: false });
    expect(alert.message).toBe("You've used 75.0% of your monthly budget");
  });

  it('warns at the red level, and asks for action', () => {
    const alert = anAlert('red', usd(28.5));
    expect(alert).toMatchObject({ severity: 'warning', title: 'Budget Almost Exhausted', actionRequired: true });
    expect(alert.message).toBe("You've used 95.0% of your monthly budget");
  });

  it('is critical when the budget is spent, and asks for action', () => {
    const alert = anAlert('critical', usd(33));
    expect(alert).toMatchObject({ severity: 'critical', title: 'Budget Exceeded', actionRequired: true });
    expect(alert.message).toBe("You've exceeded your monthly budget by $3.00");
  });

  it('says exceeded by $0.00 when exactly all of it is spent', () => {
    expect(anAlert('critical', usd(30)).message).toBe("You've exceeded your monthly budget by $0.00");
  });

  it('tells what a pace comes to, and when the period ends', () => {
    const alert = anAlert('forecast', usd(6), { projected: usd(62) });
    expect(alert).toMatchObject({ severity: 'warning', title: 'Budget Forecast', actionRequired: false });
    expect(alert.message).toBe('At this pace you will have spent $62.00 of $30.00 by 2026-04-01T00:00:00.000Z');
  });

  it.each([
    ['weekly', "You've used 75.0% of your weekly budget"],
    ['daily', "You've used 75.0% of your daily budget"],
    ['custom', "You've used 75.0% of your budget"],
  ] as const)('names a %s budget as one', (cadence, message) => {
    expect(anAlert('orange', usd(22.5), { cadence }).message).toBe(message);
  });
});

describe('figures in messages', () => {
  it.each([
    [22.5, 30, '75.0'],
    [1, 3, '33.3'],
    [2, 3, '66.7'],
    [30, 30, '100.0'],
    [40, 30, '133.3'],
    [0.00015, 0.3, '0.1'],
    [0, 0, '100.0'],
  ])('of %d of %d say %s percent, rounded half up to a tenth', (part, whole, text) => {
    expect(percent(usd(part), usd(whole))).toBe(text);
  });

  it.each([
    [0, '0.00'],
    [0.004999, '0.00'],
    [0.005, '0.01'],
    [1.995, '2.00'],
    [10_000, '10000.00'],
  ])('of %d are $%s, rounded half up to the cent', (amount, text) => {
    expect(dollars(usd(amount))).toBe(text);
  });

  it('are exact beyond what a float counts', () => {
    expect(dollars(Money.ofMicros(9_007_199_254_740_993_000_000n))).toBe('9007199254740993.00');
  });
});
