import { useEffect, useState } from 'preact/hooks';
import type { HostSettings } from '../shared/host';
import { PageHead } from './page-head';
import { PlanCard } from './plan-card';
import { Refusals } from './refusals';
import { Meters } from './meters';
import { UsageOverTime } from './usage-over-time';
import { Credits } from './credits';
import { Invoices } from './invoices';
import { PlanCompare } from './plan-compare';
import { Budget } from './budget';
import { Devices } from './devices';

interface BillingPageProps {
  readonly settings: HostSettings;
  readonly chooseLanguage: (language: string) => void;
}

/** The sections stand still from when they are seen: so long at most they wait to hear what comes above them. */
const WAIT_MS = 1000;

/**
 * In the order in which people ask: what do I have, what is left, why was I stopped, what did it cost, what else is there. What is
 * below the first screen is begun once that is painted: a slow phone has one processor for both.
 */
export function BillingPage({ settings, chooseLanguage }: BillingPageProps) {
  const [waits, setWaits] = useState(2);
  const [isWhole, setWhole] = useState(false);
  const hear = (): void => setWaits((count) => count - 1);
  const isSeen = waits <= 0;
  useEffect(() => void setTimeout(() => setWaits(0), WAIT_MS), []);
  useEffect(() => {
    if (isSeen) requestAnimationFrame(() => setTimeout(() => setWhole(true)));
  }, [isSeen]);
  return (
    <div class="page">
      <PageHead settings={settings} chooseLanguage={chooseLanguage} onKnown={hear} />
      <main id="sections" class={isSeen ? 'sections' : 'sections waiting'} tabIndex={-1} aria-busy={!isWhole}>
        <Refusals onKnown={hear} />
        <PlanCard />
        <Meters />
        {isWhole && (
          <>
            <UsageOverTime />
            <Credits />
            <Invoices />
            <PlanCompare />
            <Budget />
            <Devices />
          </>
        )}
      </main>
    </div>
  );
}
