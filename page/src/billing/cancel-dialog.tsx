import { useState } from 'preact/hooks';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { PlanLimitsResponse } from '#interfaces/http/plans/plan.response';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { CANCEL } from './cancel-dialog.words';
import { PlanProblem } from './plan-card-problem';
import { PLAN_CARD } from './plan-card.words';
import { instantOf } from './plan-card-standing';
import { endAt, useDeedKey } from './plan-card-ways';
import { LIMIT_NAMES, limitText } from './plan-limits.words';

const LOST = ['sessions', 'minutes', 'transcriptions', 'file_size_mb', 'devices', 'retention_days'] as const;

interface CancelDialogProps {
  readonly subscription: SubscriptionResponse;
  readonly plan: string;
  /** Null while it is not known: then nothing is said about what is lost. */
  readonly limits: PlanLimitsResponse | null;
  readonly free: PlanLimitsResponse | null;
  readonly onClose: () => void;
}

/** When it ends, what is lost by that, and that nothing is paid back: before the click. */
export function CancelDialog({ subscription, plan, limits, free, onClose }: CancelDialogProps) {
  const locale = useLocale();
  const words = locale.words(CANCEL);
  const api = useApi();
  const end = instantOf(subscription.current_period_end);
  const date = end === null ? '' : locale.date(end);
  const [when, setWhen] = useState<'period_end' | 'now'>(end === null ? 'now' : 'period_end');
  const once = useDeedKey();
  const cancellation = useDeed(async () => {
    await once((key) => api.send('POST', '/api/v1/billing/subscription/cancel', { when }, `${key}:${when}`));
    onClose();
    endAt('plan-card');
    announceChange();
    announce(words.done);
  });
  const names = locale.words(LIMIT_NAMES);
  return (
    <Dialog
      title={words.title(plan)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.keep(plan)}</Button>
          <Button kind="danger" busy={cancellation.isRunning} onClick={() => void cancellation.run()}>
            {locale.words(PLAN_CARD).action.cancel}
          </Button>
        </>
      }
    >
      <div class="choices" role="radiogroup" aria-labelledby="dialog-title">
        {end !== null && (
          <Choice name={words.atEnd(date)} isChosen={when === 'period_end'} choose={() => setWhen('period_end')}>
            {words.atEndMeans(plan)}
          </Choice>
        )}
        <Choice name={words.now} isChosen={when === 'now'} choose={() => setWhen('now')}>
          {words.nowMeans(plan)}
        </Choice>
      </div>
      {limits && free && (
        <div>
          <h3>{words.loses}</h3>
          <ul class="losses">
            {LOST.filter((name) => limits[name] !== free[name]).map((name) => (
              <li key={name}>
                {names[name]}:{' '}
                {words.instead(limitText(locale, name, free[name]), limitText(locale, name, limits[name]))}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p class="note note-warn">{words.noRefund}</p>
      <PlanProblem problem={cancellation.problem} />
    </Dialog>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly isChosen: boolean;
  readonly choose: () => void;
  readonly children: string;
}

function Choice({ name, isChosen, choose, children }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" name="cancel-when" checked={isChosen} onChange={choose} />
      <span>
        <strong>{name}</strong>
        <br />
        {children}
      </span>
    </label>
  );
}
