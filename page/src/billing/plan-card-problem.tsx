import type { ApiProblem } from '../shared/api';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { wordsOf } from '../words/page-words';

export interface ProblemWords {
  readonly failed: string;
  readonly outdated: string;
  readonly busy: string;
  readonly moved: string;
}

const PROBLEMS = wordsOf('problems');

const TEXTS: Readonly<Record<string, keyof ProblemWords>> = {
  payment_failed: 'failed',
  preview_outdated: 'outdated',
  subscription_busy: 'busy',
  payment_provider_unavailable: 'busy',
  already_subscribed: 'moved',
  cancellation_scheduled: 'moved',
  no_subscription: 'moved',
  nothing_to_change: 'moved',
  payment_due: 'moved',
  subscription_in_review: 'moved',
};

/** Why a deed with a subscription did not happen, in the reader's language. */
export function PlanProblem({ problem }: { readonly problem: ApiProblem | null }) {
  const words = useLocale().words(PROBLEMS);
  const text = problem && TEXTS[problem.code];
  return <ProblemNote problem={problem} text={text ? words[text] : null} />;
}
