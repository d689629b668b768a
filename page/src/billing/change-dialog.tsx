import { useEffect, useState } from 'preact/hooks';
import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { ChangePreviewResponse } from '#interfaces/http/billing/billing.response';
import { ApiProblem } from '../shared/api';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { Skeleton } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { COMMON } from '../shared/words';
import { CHANGE } from './change-dialog.words';
import { ChangeLimits, ChangeMoney } from './change-dialog-figures';
import { PLAN_CARD } from './plan-card.words';
import { PLAN_COMPARE } from './plan-compare.words';
import { PlanProblem } from './plan-card-problem';
import { endAt, useDeedKey, usePortal } from './plan-card-ways';

interface ChangeDialogProps {
  readonly plan: string;
  readonly cycle: BillingCycle;
  readonly nameOf: (plan: string) => string;
  readonly onClose: () => void;
}

/** What another plan would cost and do, from the server, and then the click that does exactly that. */
export function ChangeDialog({ plan, cycle, nameOf, onClose }: ChangeDialogProps) {
  const locale = useLocale();
  const words = locale.words(CHANGE);
  const common = locale.words(COMMON);
  const card = locale.words(PLAN_CARD);
  const compare = locale.words(PLAN_COMPARE);
  const api = useApi();
  const portal = usePortal();
  const [preview, setPreview] = useState<ChangePreviewResponse | null>(null);
  const once = useDeedKey();
  const order = { plan_id: plan, billing_cycle: cycle };
  const look = useDeed(async () => {
    setPreview(await api.send<ChangePreviewResponse>('POST', '/api/v1/billing/subscription/preview-change', order));
  });
  const change = useDeed(async (shown: ChangePreviewResponse) => {
    try {
      const agreed = { ...order, preview_at: shown.at };
      await once((key) => api.send('POST', '/api/v1/billing/subscription/change', agreed, `${key}:${shown.at}`));
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.code === 'preview_outdated') await look.run();
      throw problem;
    }
    onClose();
    endAt('plan-card');
    announceChange();
    const name = nameOf(plan);
    announce(shown.effective === 'now' ? card.changed(name) : card.from(name, locale.date(shown.at)));
  });
  useEffect(() => void look.run(), []);

  const money = preview?.money ?? null;
  const agree = (shown: ChangePreviewResponse): string => {
    if (shown.effective === 'period_end') return words.schedule(locale.date(shown.at));
    return money !== null && money.due_now > 0
      ? words.confirmPay(locale.money(money.due_now, money.currency))
      : words.confirm;
  };
  const problem = change.problem ?? portal.problem ?? look.problem;
  return (
    <Dialog
      title={`${compare.change(nameOf(plan))} (${compare.cycles[cycle]})`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          {preview === null && look.problem && <Button onClick={() => void look.run()}>{common.retry}</Button>}
          {change.problem?.code === 'payment_failed' && (
            <Button busy={portal.isRunning} onClick={() => void portal.run('payment_method')}>
              {card.action.fix}
            </Button>
          )}
          {preview && (
            <Button kind="primary" busy={change.isRunning || look.isRunning} onClick={() => void change.run(preview)}>
              {agree(preview)}
            </Button>
          )}
        </>
      }
    >
      {preview === null && look.problem === null && <Skeleton lines={8} />}
      {preview && (
        <>
          <p>
            {preview.effective === 'now'
              ? words.now
              : words.later(nameOf(preview.from.plan_id), locale.date(preview.at), nameOf(plan))}
            {plan === 'free' && ` ${words.toFree}`}
            {preview.ends_trial && ` ${words.endsTrial}`}
          </p>
          <ChangeMoney money={money} next={preview.next_charge} />
          <ChangeLimits limits={preview.limits} />
        </>
      )}
      <PlanProblem problem={problem} />
    </Dialog>
  );
}
