import type { Revenue } from '#domain/billing/revenue';
import { type Answer, fields, table } from '../shared/answer.js';

export function revenueShown(revenue: Revenue): Answer {
  const { at, currencies, paying, trialing, inGrace, inReview, byStatus, byPlan, churn } = revenue;
  const rate = churn.ratePpm === null ? 'none to lose' : `${(churn.ratePpm / 10_000).toFixed(2)} %`;
  const money = currencies.map(({ currency, mrr, arr, arpu, atRisk, paying: own }) => [
    currency,
    ...[mrr, arr, arpu ?? 0n, atRisk].map(shown),
    String(own),
  ]);
  const plans = byPlan.map(({ plan, cycle, paying: own, trialing: tried }) => [
    plan,
    cycle,
    String(own),
    String(tried),
  ]);
  return {
    json: {
      at: at.toISOString(),
      currencies: currencies.map(({ currency, mrr, arr, arpu, atRisk, paying: own }) => ({
        currency,
        mrr: Number(mrr),
        arr: Number(arr),
        arpu: arpu === null ? null : Number(arpu),
        at_risk: Number(atRisk),
        paying: own,
      })),
      paying,
      trialing,
      in_grace: inGrace,
      in_review: inReview,
      by_status: byStatus,
      by_plan: byPlan.map(({ cycle, ...count }) => ({ ...count, billing_cycle: cycle })),
      churn: {
        from: churn.from.toISOString(),
        to: churn.to.toISOString(),
        at_start: churn.atStart,
        lost: churn.lost,
        rate_ppm: churn.ratePpm,
      },
    },
    text: [
      money.length === 0 ? 'Nobody pays.' : table(['currency', 'mrr', 'arr', 'arpu', 'at risk', 'paying'], money),
      ...(plans.length > 0 ? ['', table(['plan', 'cycle', 'paying', 'trialing'], plans)] : []),
      '',
      fields([
        ['paying', String(paying)],
        ['in trial', String(trialing)],
        ['in grace', String(inGrace)],
        ['in review', String(inReview)],
        ['lost in 30 days', `${churn.lost} of ${churn.atStart} (${rate})`],
      ]),
    ].join('\n'),
  };
}

export function revenueInCsv(csv: string): Answer {
  // The end of the last line is printed with the answer.
  return { json: {}, text: csv.trimEnd() };
}

/** Two places, as all currencies have them that are sold in here. */
function shown(minor: bigint): string {
  return `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
}
