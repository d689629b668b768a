import { useRef } from 'preact/hooks';
import type { PortalFlow } from '#application/billing/subscription-gateway';
import type { PortalResponse } from '#interfaces/http/billing/billing.response';
import { ApiProblem } from '../shared/api';
import { whenClosed } from '../shared/components/dialog';
import { useHost } from '../shared/opening';
import { type Deed, useApi, useDeed } from '../shared/resource';
import { rememberLeaving } from './plan-card-arrival';
import { goTo } from './refusals-ways';

/** To the provider's own pages, where cards are changed and invoices paid: the whole portal, or one thing in it. */
export function usePortal(): Deed<[flow: PortalFlow | null]> {
  const api = useApi();
  const { host, leaveFor } = useHost();
  return useDeed(async (flow) => {
    const back = host === 'plain' ? { return_url: location.href } : {};
    const asked = flow === null ? back : { flow, ...back };
    const { url } = await api.send<PortalResponse>('POST', '/api/v1/billing/portal', asked);
    rememberLeaving('portal');
    leaveFor(url);
  });
}

/** After a deed in a dialogue, whose button may be gone with it: the focus goes to what it changed. */
export function endAt(section: string): void {
  whenClosed(() => goTo(section));
}

/**
 * One key for one deed that is meant. What was refused is over, and the next try another deed; what became of an unanswered one
 * nobody knows, so it is the same.
 */
export function useDeedKey(): (send: (key: string) => Promise<unknown>) => Promise<void> {
  const kept = useRef<string | null>(null);
  return async (send) => {
    kept.current ??= crypto.randomUUID();
    try {
      await send(kept.current);
    } catch (problem) {
      if (problem instanceof ApiProblem && !problem.isOutage) kept.current = null;
      throw problem;
    }
  };
}
