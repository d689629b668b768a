import { useRef, useState } from 'preact/hooks';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { COMMON } from '../shared/words';
import { BUDGET_SETTINGS } from './budget-settings.words';

interface BudgetResetProps {
  readonly spent: number | null;
}

/** A new period now, after asking once more. */
export function BudgetReset({ spent }: BudgetResetProps) {
  const words = useLocale().words(BUDGET_SETTINGS);
  const [isAsking, setAsking] = useState(false);
  return (
    <div>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {words.reset}
      </Button>
      {isAsking && <Confirmation spent={spent} close={() => setAsking(false)} />}
    </div>
  );
}

function Confirmation({ spent, close }: BudgetResetProps & { readonly close: () => void }) {
  const locale = useLocale();
  const words = locale.words(BUDGET_SETTINGS);
  const api = useApi();
  const key = useRef(crypto.randomUUID());
  const deed = useDeed(async () => {
    await api.send('POST', '/api/v1/budget/reset', {}, key.current);
    announceChange();
    announce(words.resetDone);
    close();
  });
  return (
    <Dialog
      title={words.resetTitle}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{locale.words(COMMON).cancel}</Button>
          <Button kind="danger" onClick={() => void deed.run()} busy={deed.isRunning}>
            {words.reset}
          </Button>
        </>
      }
    >
      {spent !== null && <p>{words.resetText(locale.dollars(spent))}</p>}
      <ProblemNote
        problem={deed.problem}
        text={deed.problem?.code === 'budget_reset_forbidden' ? words.forbidden : null}
      />
    </Dialog>
  );
}
