import { useState } from 'preact/hooks';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { PlanResponse } from '#interfaces/http/plans/plan.response';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { CancelDialog } from './cancel-dialog';
import { PlanProblem } from './plan-card-problem';
import type { PlanAction, Standing } from './plan-card-standing';
import { endAt, usePortal } from './plan-card-ways';
import { goTo } from './refusals-ways';
import { PLAN_CARD } from './plan-card.words';

interface PlanActionsProps {
  readonly standing: Standing;
  readonly subscription: SubscriptionResponse;
  /** As it is shown. */
  readonly plan: string;
  readonly plans: readonly PlanResponse[];
  /** Its name in the catalogue. */
  readonly current: string;
}

/** The buttons that a subscription allows as it stands. */
export function PlanActions({ standing, subscription, plan, plans, current }: PlanActionsProps) {
  const words = useLocale().words(PLAN_CARD);
  const api = useApi();
  const portal = usePortal();
  const [asked, setAsked] = useState<PlanAction | null>(null);
  const reactivation = useDeed(async () => {
    await api.send('POST', '/api/v1/billing/subscription/reactivate', null);
    endAt('plan-card');
    announceChange();
    announce(words.reactivated);
  });
  const deeds: Readonly<Record<PlanAction, () => unknown>> = {
    upgrade: () => goTo('plan-compare'),
    manage: () => portal.run(null),
    fix: () => portal.run('payment_method'),
    pay: () => portal.run(null),
    cancel: () => setAsked('cancel'),
    reactivate: reactivation.run,
    undo: reactivation.run,
  };
  const isLargest = plans.length > 0 && plans.at(-1)?.name === current;
  return (
    <>
      <div class="actions">
        {standing.actions.map((action, place) => (
          <Button
            key={action}
            kind={place === 0 ? 'primary' : action === 'cancel' ? 'link' : 'plain'}
            busy={
              action === 'reactivate' || action === 'undo'
                ? reactivation.isRunning
                : asked === action && portal.isRunning
            }
            onClick={() => {
              setAsked(action);
              void deeds[action]();
            }}
          >
            {words.action[action === 'upgrade' && isLargest ? 'change' : action]}
          </Button>
        ))}
      </div>
      <PlanProblem problem={portal.problem ?? reactivation.problem} />
      {asked === 'cancel' && (
        <CancelDialog
          subscription={subscription}
          plan={plan}
          limits={plans.find(({ name }) => name === current)?.limits ?? null}
          free={plans.find(({ name }) => name === 'free')?.limits ?? null}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
