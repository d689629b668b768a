import { useEffect, useState } from 'preact/hooks';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import { type Api, ApiProblem } from '../shared/api';
import { useHost } from '../shared/opening';
import { announceChange, useApi } from '../shared/resource';
import { addressWithoutOutcome, outcomeIn } from './plan-card-outcome';

/** Coming back from the provider's pages: the news may be slower than the browser. */
export type Arrival =
  { readonly state: 'waiting' | 'slow' } | { readonly state: 'changed'; readonly tier: string } | null;

const LEFT_FOR = 'minutebook.left-for';
/** Seconds between questions: half a minute in all. */
const WAITS_S = [1, 2, 2, 3, 3, 4, 5, 5, 5] as const;

let leftFor: string | null = null;
let before: string | null = null;

/** Kept for the time away, which may be in this very window. */
export function rememberLeaving(place: 'checkout' | 'portal'): void {
  leftFor = place;
  keep(JSON.stringify({ place, before }));
}

/** What was true when the page was left, so that news can be told from what was known. */
export function rememberSubscription(subscription: SubscriptionResponse): void {
  before = JSON.stringify(subscription);
}

/** After the provider's pages: asks for the newest state until it is another one than before, and has every section ask again. */
export function useArrival(): Arrival {
  const api = useApi();
  const { host } = useHost();
  const [arrival, setArrival] = useState<Arrival>(null);
  useEffect(() => {
    const gone = new AbortController();
    const wait = async (isLoud: boolean, known: string | null): Promise<void> => {
      if (isLoud) setArrival({ state: 'waiting' });
      const changed = await newState(api, known, isLoud ? WAITS_S : [], gone.signal);
      if (gone.signal.aborted) return;
      announceChange();
      if (isLoud) setArrival(changed ? { state: 'changed', tier: changed.tier } : { state: 'slow' });
    };
    const kept = taken();
    const outcome = outcomeIn(location.search);
    if (outcome !== null) {
      history.replaceState(history.state, '', addressWithoutOutcome(location.pathname, location.search));
      if (outcome === 'success') void wait(true, kept?.before ?? null);
    } else if (kept !== null) void wait(false, kept.before);
    // Shown in a frame, or brought back by the browser's own "Back", the page has never gone.
    const seen = (): void => {
      if (document.visibilityState !== 'visible' || leftFor === null) return;
      const isLoud = leftFor === 'checkout' && host !== 'plain';
      leftFor = null;
      void wait(isLoud, taken()?.before ?? before);
    };
    document.addEventListener('visibilitychange', seen);
    return () => {
      gone.abort();
      document.removeEventListener('visibilitychange', seen);
    };
  }, [api, host]);
  return arrival;
}

/** Null when it is still as it was known. */
async function newState(
  api: Api,
  known: string | null,
  waits: readonly number[],
  signal: AbortSignal,
): Promise<SubscriptionResponse | null> {
  for (const seconds of [...waits, null]) {
    // Who is not answered asks again: the last failure is no answer either, and the sections tell it.
    const now = await newest(api).catch(() => null);
    if (now !== null && (known === null ? isRunning(now) : JSON.stringify(now) !== known)) return now;
    if (seconds === null || signal.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    if (signal.aborted) break;
  }
  return null;
}

async function newest(api: Api): Promise<SubscriptionResponse> {
  try {
    return await api.send<SubscriptionResponse>('POST', '/api/v1/billing/subscription/refresh', null);
  } catch (fault) {
    if (!(fault instanceof ApiProblem)) throw fault;
    return api.get<SubscriptionResponse>('/api/v1/billing/subscription');
  }
}

function isRunning({ status }: SubscriptionResponse): boolean {
  return status === 'active' || status === 'trialing';
}

/** A browser that keeps nothing for a page in a frame loses only the comparison. */
function keep(text: string): void {
  try {
    sessionStorage.setItem(LEFT_FOR, text);
  } catch {
    return;
  }
}

function taken(): { readonly before: string | null } | null {
  try {
    const text = sessionStorage.getItem(LEFT_FOR);
    sessionStorage.removeItem(LEFT_FOR);
    return text === null ? null : (JSON.parse(text) as { before: string | null });
  } catch {
    return null;
  }
}
