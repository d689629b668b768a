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

/** The sections stand still from when they are seen: so long they wait to hear whether one comes before them. */
const WAIT_MS = 500;

/** In the order in which people ask: what do I have, what is left, why was I stopped, what did it cost, what else is there. */
export function BillingPage({ settings, chooseLanguage }: BillingPageProps) {
  const [isKnown, setKnown] = useState(false);
  const settle = (): void => setKnown(true);
  useEffect(() => void setTimeout(settle, WAIT_MS), []);
  return (
    <div class="page">
      <PageHead settings={settings} chooseLanguage={chooseLanguage} />
      <main id="sections" class={isKnown ? 'sections' : 'sections waiting'} tabIndex={-1}>
        <Refusals onKnown={settle} />
        <PlanCard />
        <Meters />
        <UsageOverTime />
        <Credits />
        <Invoices />
        <PlanCompare />
        <Budget />
        <Devices />
      </main>
    </div>
  );
}
