import { useState } from 'preact/hooks';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { SubscriptionCheckoutResponse, SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { PlanComparisonResponse } from '#interfaces/http/plans/plan.response';
import { Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useHost } from '../shared/opening';
import { announceChange, useApi, useDeed, useResource } from '../shared/resource';
import { ApiProblem } from '../shared/api';
import { ChangeDialog } from './change-dialog';
import { rememberLeaving } from './plan-card-arrival';
import { returnAddresses } from './plan-card-outcome';
import { PlanProblem } from './plan-card-problem';
import { choiceOf, isBlocked, yearlySaving } from './plan-compare-choice';
import { ComparedPlan } from './plan-compare-plan';
import { PLAN_COMPARE } from './plan-compare.words';
import './plan-compare.css';

const CYCLES = ['month', 'year'] as const;

/** Every plan against what was really used, and the way to each. */
export function PlanCompare() {
  const locale = useLocale();
  const words = locale.words(PLAN_COMPARE);
  const api = useApi();
  const { host, leaveFor } = useHost();
  const [comparison, retry] = useResource<PlanComparisonResponse>('/api/v1/plans/compare');
  const [known] = useResource<SubscriptionResponse>('/api/v1/billing/subscription');
  const subscription = known.state === 'ready' ? known.data : null;
  const [picked, setCycle] = useState<BillingCycle | null>(null);
  const [changeTo, setChangeTo] = useState<string | null>(null);
  const cycle = picked ?? subscription?.billing_cycle ?? 'month';
  const checkout = useDeed(async (plan: string) => {
    const back = host === 'plain' ? returnAddresses(location) : {};
    const order = { plan_id: plan, billing_cycle: cycle, ...back };
    try {
      const { url } = await api.send<SubscriptionCheckoutResponse>('POST', '/api/v1/billing/checkout', order);
      rememberLeaving('checkout');
      leaveFor(url);
    } catch (problem) {
      // Begun elsewhere meanwhile: then the page shows what is old.
      if (problem instanceof ApiProblem && problem.code === 'already_subscribed') announceChange();
      throw problem;
    }
  });
  const now = new Date();
  return (
    <Section id="plan-compare" title={words.title} resource={comparison} retry={retry} lines={22}>
      {({ data, peak_use: peak, smallest_fitting_plan: smallest }) => {
        const nameOf = (name: string): string => data.find(({ plan }) => plan.name === name)?.plan.display_name ?? name;
        const saving = Math.min(...data.map(({ plan }) => yearlySaving(plan)).filter((percent) => percent > 0));
        return (
          <>
            <div class="row">
              <p class="quiet">{words.peak(peak.periods)}</p>
              <fieldset class="segments">
                <legend class="unseen">{words.cycle}</legend>
                {CYCLES.map((one) => (
                  <label key={one}>
                    <input type="radio" name="plan-cycle" checked={one === cycle} onChange={() => setCycle(one)} />
                    <span>
                      {words.cycles[one]}
                      {one === 'year' && Number.isFinite(saving) && (
                        <span class="quiet"> {words.saves(locale.percent(saving))}</span>
                      )}
                    </span>
                  </label>
                ))}
              </fieldset>
            </div>
            {isBlocked(subscription, now) && <p class="note note-warn">{words.blocked}</p>}
            <PlanProblem problem={checkout.problem} />
            <ul class="plans">
              {data.map((compared) => (
                <ComparedPlan
                  key={compared.plan.name}
                  compared={compared}
                  cycle={cycle}
                  isSmallest={compared.plan.name === smallest}
                  choice={choiceOf(compared, cycle, subscription, now)}
                  busy={checkout.isRunning}
                  choose={(isNew) => (isNew ? void checkout.run(compared.plan.name) : setChangeTo(compared.plan.name))}
                />
              ))}
            </ul>
            {changeTo !== null && (
              <ChangeDialog plan={changeTo} cycle={cycle} nameOf={nameOf} onClose={() => setChangeTo(null)} />
            )}
          </>
        );
      }}
    </Section>
  );
}
