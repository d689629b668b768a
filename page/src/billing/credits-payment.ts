import { useEffect, useState } from 'preact/hooks';
import type { CheckoutResponse, PaymentResponse } from '#interfaces/http/payments/payment.response';
import { type Api, ApiProblem } from '../shared/api';
import { useHost } from '../shared/opening';
import { announceChange, type Deed, useApi, useDeed } from '../shared/resource';
import { isOpen, outcomeOf, type Outcome, PAUSES_MS } from './credits-reckoning';

/** The purchase that the user left for: it outlives the way to the provider and back, in this tab alone. */
const KEPT = 'minutebook.payment';
/** In the fragment of the address to come back to. */
const PAID = '#paid';

let kept: string | null = null;

function keep(id: string | null): void {
  kept = id;
  try {
    if (id === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, id);
  } catch {
    // A page in a frame may keep nothing, and is not left either: the provider's opens beside it.
  }
}

function keptPayment(): string | null {
  try {
    return kept ?? sessionStorage.getItem(KEPT);
  } catch {
    return kept;
  }
}

/** Begins the purchase of a package, and leads to where it is paid. Repeated after a failure it is the same purchase. */
export function useCreditCheckout(): Deed<[packageId: string, currency: string]> {
  const api = useApi();
  const { host, leaveFor } = useHost();
  const [keys] = useState(() => new Map<string, string>());
  return useDeed(async (packageId: string, currency: string) => {
    const wish = `${packageId} ${currency}`;
    const key = keys.get(wish) ?? crypto.randomUUID();
    keys.set(wish, key);
    const here = location.origin + location.pathname + location.search;
    const back = host === 'plain' ? { success_url: here + PAID, cancel_url: here } : {};
    const body = { package_id: packageId, currency, ...back };
    const { payment_id: id, url } = await api.send<CheckoutResponse>('POST', '/api/v1/payments/checkout', body, key);
    keys.delete(wish);
    keep(id);
    leaveFor(url);
  });
}

/** Where a purchase stands that the user left for. */
export interface Followed {
  readonly payment: PaymentResponse | null;
  /** Null while it is asked. */
  readonly outcome: Outcome | null;
  readonly problem: ApiProblem | null;
}

const ASKING: Followed = { payment: null, outcome: null, problem: null };

/**
 * What became of the purchase that the user left for, asked when the page is back: for half a minute after paying, once
 * after leaving without. Where the provider's page opens beside this one, each look at this one asks.
 */
export function usePaymentFollowing(onPaid: (payment: PaymentResponse) => void): Followed | null {
  const api = useApi();
  const [followed, setFollowed] = useState<Followed | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    let isRunning = false;
    const follow = async (): Promise<void> => {
      const id = keptPayment();
      if (id === null || isRunning || document.visibilityState !== 'visible') return;
      isRunning = true;
      const isBack = location.hash === PAID;
      if (isBack) history.replaceState(history.state, '', location.pathname + location.search);
      setFollowed((now) => now ?? ASKING);
      const end = await ask(api, id, isBack ? PAUSES_MS : [], gone.signal);
      isRunning = false;
      if (gone.signal.aborted) return;
      const isUnknown = end.problem?.status === 404;
      // Who came back from paying has paid; the provider only takes its time to say so.
      const outcome = isBack && end.outcome === 'unpaid' ? 'waiting' : end.outcome;
      setFollowed(isUnknown ? null : { ...end, outcome });
      const isOver = end.problem ? !end.problem.isOutage : outcome !== null && !isOpen(outcome);
      if (isOver) keep(null);
      if (end.payment && outcome === 'paid') {
        onPaid(end.payment);
        announceChange();
      }
    };
    const look = (): void => void follow();
    look();
    document.addEventListener('visibilitychange', look);
    addEventListener('pageshow', look);
    addEventListener('focus', look);
    return () => {
      gone.abort();
      document.removeEventListener('visibilitychange', look);
      removeEventListener('pageshow', look);
      removeEventListener('focus', look);
    };
  }, [api]);
  return followed;
}

async function ask(api: Api, id: string, pauses: readonly number[], gone: AbortSignal): Promise<Followed> {
  let end = ASKING;
  for (const pause of [...pauses, 0]) {
    try {
      const payment = await api.send<PaymentResponse>('POST', `/api/v1/payments/${id}/refresh`, null);
      end = { payment, outcome: outcomeOf(payment), problem: null };
    } catch (fault) {
      if (!(fault instanceof ApiProblem)) throw fault;
      end = { ...end, problem: fault };
      // What refuses will refuse; an outage may end.
      if (!fault.isOutage) return end;
    }
    if (gone.aborted || (end.outcome !== null && !isOpen(end.outcome))) return end;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return end;
}
