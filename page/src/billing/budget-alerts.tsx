import { useState } from 'preact/hooks';
import type { BudgetAlertListResponse, BudgetAlertResponse } from '#interfaces/http/budgets/budget-alert.response';
import { Button } from '../shared/components/button';
import { Moment } from '../shared/components/moment';
import { Empty, Loaded } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { COMMON } from '../shared/words';
import { BUDGET } from './budget.words';

const FEW = 5;
const MANY = 100;

/** Newest first, with the figures of the moment in which each was set off. */
export function BudgetAlerts() {
  const locale = useLocale();
  const words = locale.words(BUDGET);
  const [limit, setLimit] = useState(FEW);
  const [resource, retry] = useResource<BudgetAlertListResponse>(`/api/v1/budget/alerts?limit=${limit}`);
  const text = (alert: BudgetAlertResponse): string => {
    const total = locale.dollars(alert.total_budget_micros);
    return alert.kind === 'forecast'
      ? words.alertForecast(locale.dollars(alert.projected_cost_micros), total)
      : words.alertReached(locale.percent(alert.percentage_used), locale.dollars(alert.used_budget_micros), total);
  };
  return (
    <div class="stack">
      <h3>{words.alerts}</h3>
      <Loaded resource={resource} retry={retry} lines={2}>
        {({ data, has_more: hasMore }) => (
          <>
            {data.length === 0 && <Empty>{words.noAlerts}</Empty>}
            <ul hidden={data.length === 0}>
              {data.map((alert) => (
                <li key={alert.id}>
                  {text(alert)}{' '}
                  <span class="quiet">
                    <Moment at={alert.created_at} />
                  </span>
                </li>
              ))}
            </ul>
            {hasMore && limit < MANY && (
              <div>
                <Button onClick={() => setLimit(MANY)}>{locale.words(COMMON).more}</Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
