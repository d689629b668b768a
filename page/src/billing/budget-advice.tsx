import type {
  BudgetRecommendationListResponse,
  BudgetRecommendationResponse,
} from '#interfaces/http/budgets/budget-report.response';
import { Badge } from '../shared/components/badge';
import { Empty, Loaded } from '../shared/components/section';
import { type Locale, useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { BUDGET } from './budget.words';

/** How to spend less, with the figures that say so. */
export function BudgetAdvice() {
  const locale = useLocale();
  const words = locale.words(BUDGET);
  const [resource, retry] = useResource<BudgetRecommendationListResponse>('/api/v1/budget/recommendations');
  return (
    <div class="stack">
      <h3>{words.advice}</h3>
      <Loaded resource={resource} retry={retry} lines={2}>
        {({ data }) => (
          <>
            {data.length === 0 && <Empty>{words.noAdvice}</Empty>}
            {data.map((advice) => (
              <p key={advice.type} class={advice.type === 'optimization' ? 'note' : 'note note-warn'}>
                <span>{adviceText(advice, locale)}</span>{' '}
                {advice.estimated_savings_micros !== null && (
                  <Badge tone="good">{words.saves(locale.dollars(advice.estimated_savings_micros))}</Badge>
                )}
              </p>
            ))}
          </>
        )}
      </Loaded>
    </div>
  );
}

/** By the figures that it rests on. */
function adviceText({ type, evidence }: BudgetRecommendationResponse, locale: Locale): string {
  const words = locale.words(BUDGET);
  const money = (fact: string): string => locale.dollars(Number(evidence[fact]));
  const name = (fact: string): string => `${String(evidence[`${fact}provider`])} ${String(evidence[`${fact}model`])}`;
  switch (type) {
    case 'urgent':
      return words.urgent(money('used_micros'), money('limit_micros'), locale.day(String(evidence.resets_at)));
    case 'optimization':
      return words.cheaper(name(''), money('cost_micros'), name('alternative_'), money('alternative_cost_micros'));
    case 'warning':
      return words.warning(money('projected_micros'), money('limit_micros'));
  }
}
