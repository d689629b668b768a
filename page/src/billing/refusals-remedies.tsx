import type { CreditOfferResponse } from '#interfaces/http/payments/payment.response';
import type { PlanListResponse } from '#interfaces/http/plans/plan.response';
import type { RemedyResponse } from '#interfaces/http/usage/refusal.response';
import { Button } from '../shared/components/button';
import { Moment } from '../shared/components/moment';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { useCreditCheckout } from './credits-payment';
import { currencyOf } from './credits-reckoning';
import { CREDITS } from './credits.words';
import { usePortal } from './plan-card-ways';
import { goTo, goToPlan } from './refusals-ways';
import { REFUSALS } from './refusals.words';
import './refusals.css';

type RemediesProps = { readonly remedies: readonly RemedyResponse[] };

/** Up to three things to do about it, the best first: each is done by one click, or leads to where it is. */
export function Remedies({ remedies }: RemediesProps) {
  const words = useLocale().words(REFUSALS);
  if (remedies.length === 0) return null;
  return (
    <>
      <h3>{words.whatToDo}</h3>
      <ol class="refusal-remedies">
        {remedies.map((remedy, place) => (
          <li key={remedy.kind}>
            <RemedyLine remedy={remedy} look={place === 0 ? 'primary' : 'plain'} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** The best remedy stands out. */
interface LookProps {
  readonly look: 'primary' | 'plain';
}

const SECTIONS = { see_usage: 'usage-over-time', raise_budget: 'budget', revoke_device: 'devices' } as const;

function RemedyLine({
  remedy: { kind, plan_id: plan, package_id: packageId, at },
  look,
}: LookProps & {
  readonly remedy: RemedyResponse;
}) {
  const words = useLocale().words(REFUSALS);
  switch (kind) {
    case 'upgrade_plan':
      return <Upgrade plan={plan} look={look} />;
    case 'buy_credit':
      return packageId === null ? <BuyAny look={look} /> : <Buy packageId={packageId} look={look} />;
    case 'fix_payment':
      return <Pay look={look} />;
    case 'wait_for_reset':
      return (
        <span>
          {words.wait} {at !== null && <Moment at={at} />}
        </span>
      );
    case 'see_usage':
    case 'raise_budget':
    case 'revoke_device':
      return (
        <Way to={SECTIONS[kind]} look={look}>
          {words.ways[kind]}
        </Way>
      );
    case 'wait_for_running_requests':
    case 'wait_for_running_transcriptions':
    case 'ask_operator':
    case 'use_allowed_format':
    case 'use_smaller_file':
      return <span>{words.advice[kind]}</span>;
  }
}

function Way({ to, look, children }: LookProps & { readonly to: string; readonly children: string }) {
  return (
    <Button kind={look} onClick={() => goTo(to)}>
      {children}
    </Button>
  );
}

function Upgrade({ plan, look }: LookProps & { readonly plan: string | null }) {
  const words = useLocale().words(REFUSALS);
  const [plans] = useResource<PlanListResponse>('/api/v1/plans');
  const known = plans.state === 'ready' ? plans.data.data.find(({ name }) => name === plan) : undefined;
  return (
    <Button kind={look} onClick={() => goToPlan(plan)}>
      {words.upgrade(known?.display_name ?? plan ?? '')}
    </Button>
  );
}

function BuyAny({ look }: LookProps) {
  return (
    <Way to="credits" look={look}>
      {useLocale().words(CREDITS).buy}
    </Way>
  );
}

function Buy({ packageId, look }: LookProps & { readonly packageId: string }) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const [offer] = useResource<CreditOfferResponse>('/api/v1/payments/packages');
  const checkout = useCreditCheckout();
  const found = offer.state === 'ready' ? offer.data.data.find(({ id }) => id === packageId) : undefined;
  // Nobody buys without having read the price.
  if (!found) return <BuyAny look={look} />;
  const currency = currencyOf(found);
  return (
    <>
      <Button kind={look} busy={checkout.isRunning} onClick={() => void checkout.run(packageId, currency)}>
        {words.buyFor(words.credits(locale.number(found.credits)), locale.money(found.prices[currency]!, currency))}
      </Button>
      <ProblemNote problem={checkout.problem} />
    </>
  );
}

function Pay({ look }: LookProps) {
  const words = useLocale().words(REFUSALS);
  const portal = usePortal();
  return (
    <>
      <Button kind={look} busy={portal.isRunning} onClick={() => void portal.run(null)}>
        {words.pay}
      </Button>
      <ProblemNote problem={portal.problem} />
    </>
  );
}
