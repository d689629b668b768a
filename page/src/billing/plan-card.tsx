import { useEffect } from 'preact/hooks';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { CurrentPlanResponse, PlanListResponse } from '#interfaces/http/plans/plan.response';
import { announce } from '../shared/components/announcer';
import { Badge } from '../shared/components/badge';
import { Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { type Resource, useResource } from '../shared/resource';
import { PlanActions } from './plan-card-actions';
import { rememberSubscription, useArrival } from './plan-card-arrival';
import { PlanFacts } from './plan-card-facts';
import { standingOf } from './plan-card-standing';

import { PLAN_COMPARE } from './plan-compare.words';
import { PLAN_CARD } from './plan-card.words';

/** What one has, what it costs, what comes next, and what can be done about it. */
export function PlanCard() {
  const locale = useLocale();
  const words = locale.words(PLAN_CARD);
  const [subscription, retry] = useResource<SubscriptionResponse>('/api/v1/billing/subscription');
  const [counted] = useResource<CurrentPlanResponse>('/api/v1/plans/current');
  const [offer] = useResource<PlanListResponse>('/api/v1/plans');
  const arrival = useArrival();

  const now = dataOf(subscription);
  const current = dataOf(counted)?.plan ?? null;
  const plans = dataOf(offer)?.data ?? [];
  const planName = (name: string): string => plans.find((one) => one.name === name)?.display_name ?? name;
  const plan = current?.display_name ?? (now === null ? '' : planName(now.tier));
  const standing = now && standingOf(now, current?.name ?? null, new Date());
  useEffect(() => {
    if (now !== null) rememberSubscription(now);
  }, [now]);

  const news = arrival && (arrival.state === 'changed' ? words.changed(planName(arrival.tier)) : words[arrival.state]);
  useEffect(() => {
    if (news !== null) announce(news);
  }, [news]);

  return (
    <Section
      id="plan-card"
      title={words.title}
      resource={subscription}
      retry={retry}
      lines={6}
      aside={
        standing && (
          <Badge tone={standing.tone}>{words.badge[standing.kind](standing.at ? locale.day(standing.at) : '')}</Badge>
        )
      }
    >
      {(data) => {
        const { kind, at } = standing ?? standingOf(data, null, new Date());
        const price =
          data.currency !== null && data.billing_cycle !== null
            ? `${locale.money(data.price, data.currency)} ${locale.words(PLAN_COMPARE).per[data.billing_cycle]}`
            : null;
        const says = words.says[kind](at ? locale.date(at) : '', plan);
        return (
          <>
            {news !== null && <p class={`note ${arrival?.state === 'slow' ? 'note-warn' : ''}`}>{news}</p>}
            <div class="plan-title">
              <p class="figure">{plan}</p>
              {price !== null && standing?.isGiven && <p class="quiet">{price}</p>}
            </div>
            {says !== '' && <p>{says}</p>}
            <PlanFacts subscription={data} price={standing?.isGiven ? null : price} planName={planName} />
            {standing && (
              <PlanActions
                standing={standing}
                subscription={data}
                plan={plan}
                plans={plans}
                current={current?.name ?? data.tier}
              />
            )}
          </>
        );
      }}
    </Section>
  );
}

function dataOf<T>(resource: Resource<T>): T | null {
  return resource.state === 'ready' ? resource.data : null;
}
