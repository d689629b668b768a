import { useState } from 'preact/hooks';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { ComparedPlanResponse } from '#interfaces/http/plans/plan.response';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { useLocale } from '../shared/locale';
import { type PlanChoice, priceOf, shortOf, USED_LIMITS } from './plan-compare-choice';
import { PLAN_COMPARE } from './plan-compare.words';
import { LIMIT_NAMES, limitText } from './plan-limits.words';

const OTHER_LIMITS = ['concurrent_transcriptions', 'retention_days', 'export_formats'] as const;

interface ComparedPlanProps {
  readonly compared: ComparedPlanResponse;
  readonly cycle: BillingCycle;
  readonly isSmallest: boolean;
  readonly choice: PlanChoice;
  /** A checkout is being opened, of this plan or another. */
  readonly busy: boolean;
  readonly choose: (isNew: boolean) => void;
}

/** One plan: its price, its limits beside what was used, and the button for it. */
export function ComparedPlan({ compared, cycle, isSmallest, choice, busy, choose }: ComparedPlanProps) {
  const locale = useLocale();
  const words = locale.words(PLAN_COMPARE);
  const names = locale.words(LIMIT_NAMES);
  const [isChosen, setChosen] = useState(false);
  const { plan } = compared;
  const price = priceOf(plan, cycle);
  const short = shortOf(compared);
  const label: Readonly<Record<PlanChoice, string | null>> = {
    none: null,
    planned: null,
    subscribe: words.subscribe(plan.display_name),
    change: words.change(plan.display_name),
    cycle: words.change(plan.display_name),
  };
  return (
    <li class={`plan ${compared.is_current ? 'plan-yours' : ''}`} id={`plan-compare-${plan.name}`} tabIndex={-1}>
      <div class="plan-head">
        <h3>{plan.display_name}</h3>
        {compared.is_current && <Badge tone="info">{words.yours}</Badge>}
        {isSmallest && <Badge tone="good">{words.smallest}</Badge>}
        {choice === 'planned' && <Badge tone="warn">{words.planned}</Badge>}
      </div>
      <p class="plan-price">
        <span class="figure">{locale.dollars(price)}</span> {price > 0 && <span class="quiet">{words.per[cycle]}</span>}
      </p>
      <p class={short.length === 0 ? 'fits' : 'fits-not'}>
        <span aria-hidden="true">{short.length === 0 ? '✓' : '✕'}</span>{' '}
        {short.length === 0 ? words.fits : words.tooSmall(locale.list(short.map((name) => names[name])))}
      </p>
      <dl class="plan-limits">
        {USED_LIMITS.map((name) => {
          const { used, limit, fits } = compared[name];
          const text = limitText(locale, name, limit);
          return (
            <div key={name} class={fits ? undefined : 'fits-not'}>
              <dt>{names[name]}</dt>
              <dd>
                {limit === 'unlimited' ? text : words.of(locale.number(used, 1), text)}
                <span class="unseen">, {fits ? words.fitsOne : words.fitsNotOne}</span>
                <span aria-hidden="true">{fits ? ' ✓' : ' ✕'}</span>
              </dd>
            </div>
          );
        })}
        {OTHER_LIMITS.map((name) => (
          <div key={name}>
            <dt>{names[name]}</dt>
            <dd>{limitText(locale, name, plan.limits[name])}</dd>
          </div>
        ))}
      </dl>
      <div class="plan-foot">
        {plan.monthly_included_credit_micros > 0 && (
          <p>{words.credit(locale.dollars(plan.monthly_included_credit_micros))}</p>
        )}
        {choice === 'subscribe' && plan.trial_days > 0 && (
          <p class="quiet">{words.trial(locale.unit(plan.trial_days, 'day'))}</p>
        )}
        {label[choice] !== null && (
          <Button
            kind={isSmallest && !compared.is_current ? 'primary' : 'plain'}
            busy={busy && isChosen}
            onClick={() => {
              setChosen(true);
              choose(choice === 'subscribe');
            }}
          >
            {label[choice]}
          </Button>
        )}
      </div>
    </li>
  );
}
