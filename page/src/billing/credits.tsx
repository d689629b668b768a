import type { CreditBalanceResponse } from '#interfaces/http/credits/credit-balance.response';
import { announce } from '../shared/components/announcer';
import { Moment } from '../shared/components/moment';
import { ProblemNote } from '../shared/components/problem';
import { Loaded, SectionFrame } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useHost } from '../shared/opening';
import { useResource } from '../shared/resource';
import { Button } from '../shared/components/button';
import { CreditEntries } from './credits-entries';
import { CreditPackages } from './credits-packages';
import { type Followed, usePaymentFollowing } from './credits-payment';
import { DIGITS } from './credits-reckoning';
import { CREDITS } from './credits.words';
import './credits.css';

/** What can be spent, what is owed, how to get more, and what became of it. */
export function Credits() {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const [balance, retry] = useResource<CreditBalanceResponse>('/user/balance');
  const followed = usePaymentFollowing(({ credits }) =>
    announce(words.cameIn(words.credits(locale.number(credits, DIGITS)))),
  );
  return (
    <SectionFrame id="credits" title={words.title} busy={balance.state === 'loading'}>
      {followed && <PaymentNote followed={followed} />}
      <Loaded resource={balance} retry={retry} lines={2}>
        {(data) => <Balance balance={data} />}
      </Loaded>
      <CreditPackages />
      <CreditEntries grants={balance.state === 'ready' ? balance.data.grants : []} />
    </SectionFrame>
  );
}

/** What became of the purchase that the user comes back from. The page's live region says it, too. */
function PaymentNote({ followed: { payment, outcome, problem } }: { readonly followed: Followed }) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const { leaveFor } = useHost();
  const url = outcome === 'unpaid' ? payment?.url : null;
  if (outcome === null) {
    return problem ? <ProblemNote problem={problem} /> : <p class="note">{words.asking}</p>;
  }
  return (
    <div class={outcome === 'paid' || outcome === 'waiting' ? 'note' : 'note note-warn'}>
      <span>
        {outcome === 'paid'
          ? words.cameIn(words.credits(locale.number(payment?.credits ?? 0, DIGITS)))
          : words.outcomes[outcome]}
      </span>{' '}
      {url && (
        <Button kind="link" onClick={() => leaveFor(url)}>
          {words.payNow}
        </Button>
      )}
    </div>
  );
}

function Balance({ balance }: { readonly balance: CreditBalanceResponse }) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const { credits, held, available, available_micros: micros, debt, expiring_next: expiring } = balance;
  const count = (number: number): string => words.credits(locale.number(number, DIGITS));
  return (
    <>
      <p class="row">
        <span>
          <span class="figure">{count(available)}</span> {words.available}
        </span>
        <span class="quiet">{words.worth(locale.dollars(micros))}</span>
      </p>
      {debt > 0 && <p class="note note-warn">{words.debt(count(debt))}</p>}
      {(held > 0 || expiring) && (
        <dl class="facts">
          {held > 0 && (
            <>
              <dt>{words.balance}</dt>
              <dd>{count(credits)}</dd>
              <dt>{words.held}</dt>
              <dd>{count(held)}</dd>
            </>
          )}
          {expiring && (
            <>
              <dt>{words.expiring}</dt>
              <dd>
                {count(expiring.credits)} · <Moment at={expiring.expires_at} />
              </dd>
            </>
          )}
        </dl>
      )}
    </>
  );
}
