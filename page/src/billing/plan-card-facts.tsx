import { Fragment } from 'preact';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import { useLocale } from '../shared/locale';
import { PLAN_COMPARE } from './plan-compare.words';
import { PLAN_CARD } from './plan-card.words';

interface PlanFactsProps {
  readonly subscription: SubscriptionResponse;
  /** Of the subscription, where the plan does not stand for it. */
  readonly price: string | null;
  readonly planName: (name: string) => string;
}

/** Only what the server says: where it names no charge, none is shown. */
export function PlanFacts({ subscription, price, planName }: PlanFactsProps) {
  const locale = useLocale();
  const words = locale.words(PLAN_CARD);
  const { status, payment_method: card, pending_change: pending, next_charge: charge } = subscription;
  const facts: readonly (readonly [string, string] | null)[] = [
    price === null ? null : [words.price, price],
    charge
      ? [
          status === 'past_due' ? words.retry : words.next,
          words.on(locale.money(charge.amount, charge.currency), locale.date(charge.at)),
        ]
      : null,
    pending
      ? [
          words.pending,
          words.from(
            `${planName(pending.plan_id)} (${locale.words(PLAN_COMPARE).cycles[pending.billing_cycle]})`,
            locale.date(pending.effective_at),
          ),
        ]
      : null,
    card ? [words.card, words.cardEnding(card.brand, card.last4)] : null,
  ];
  const known = facts.filter((fact) => fact !== null);
  if (known.length === 0) return null;
  return (
    <dl class="facts">
      {known.map(([term, value]) => (
        <Fragment key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
