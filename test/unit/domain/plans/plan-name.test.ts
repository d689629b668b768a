import { PLAN_NAMES, planName } from '#domain/plans/plan-name';
import { InvalidValue } from '#domain/shared/domain-exception';

describe('a plan name', () => {
  it.each(PLAN_NAMES)('is %s in any case and with space around it', (name) => {
    expect(planName(` ${name.toUpperCase()} `)).toBe(name);
  });

  it.each(['', 'enterprise', 'free plan', 'constructor', '-1'])('%j is refused with what there is', (text) => {
    expect(() => planName(text)).toThrow(InvalidValue);
    expect(() => planName(text)).toThrow(
      expect.objectContaining({ code: 'unknown_plan', facts: { plan: text, supported: PLAN_NAMES } }),
    );
  });
});
