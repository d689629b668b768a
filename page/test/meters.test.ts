import type { UsagePredictionResponse } from '#interfaces/http/usage/usage-outlook.response';
import { barOf, levelOf, paceOf } from '#page/billing/meters-reckoning';

const period = { period_start: '2026-11-03T00:00:00.000Z', period_end: '2026-12-03T00:00:00.000Z' };
const inTheMiddle = new Date('2026-11-18T00:00:00Z');
const projected: UsagePredictionResponse = {
  status: 'projected',
  reason: null,
  used: 310,
  held: 0,
  limit: 500,
  projected: 620,
  projected_percentage: 124,
  estimated_limit_date: '2026-11-27T00:00:00.000Z',
  confidence: 'high',
};

describe('how a limit stands', () => {
  it.each([
    [0, 500, 'fine'],
    [399.9, 500, 'fine'],
    [400, 500, 'near'],
    [499.99, 500, 'near'],
    [500, 500, 'full'],
    [620, 500, 'over'],
    [0, 0, 'full'],
  ])('%d of %d is %s', (taken, limit, level) => expect(levelOf(taken, limit)).toBe(level));

  it('takes minutes from the seconds that are compared, and other things as they are', () => {
    const minutes = {
      used: 200,
      held: 1,
      limit: 200,
      remaining: 0,
      percentage: 99.7,
      used_seconds: 11_970,
      held_seconds: 15,
    };
    const more = { limit_seconds: 12_000, remaining_seconds: 15 };
    expect(barOf({ ...minutes, ...more })).toEqual({ used: 199.5, held: 0.25 });
    expect(barOf({ used: 3, held: 1, limit: 5, remaining: 1, percentage: 60 })).toMatchObject({ used: 3, held: 1 });
  });
});

describe('the pace', () => {
  it('says where it ends, and when it meets the limit', () => {
    expect(paceOf(projected, period, inTheMiddle)).toEqual({
      projected: 620,
      limit: 500,
      meetsAt: '2026-11-27T00:00:00.000Z',
    });
  });

  it('is hidden in the first tenth of the period, and shown from then on', () => {
    expect(paceOf(projected, period, new Date('2026-11-05T23:59:59.999Z'))).toBeNull();
    expect(paceOf(projected, period, new Date('2026-11-06T00:00:00Z'))).not.toBeNull();
  });

  it('is hidden where there is too little to tell, and where the period has no bounds', () => {
    const unknown = { ...projected, status: 'insufficient_data', reason: 'too_few_events', projected: null } as const;
    expect(paceOf(unknown, period, inTheMiddle)).toBeNull();
    expect(paceOf(projected, { period_start: null, period_end: null }, inTheMiddle)).toBeNull();
  });

  it('is hidden once the limit is met: nothing more can come of it', () => {
    expect(paceOf({ ...projected, used: 500 }, period, inTheMiddle)).toBeNull();
    expect(paceOf({ ...projected, used: 620, limit: 'unlimited' }, period, inTheMiddle)).not.toBeNull();
  });
});
