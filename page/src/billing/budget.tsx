import type { BudgetStatusResponse } from '#interfaces/http/budgets/budget.response';
import { Badge, type Tone } from '../shared/components/badge';
import { Meter } from '../shared/components/meter';
import { Moment } from '../shared/components/moment';
import { Loaded, SectionFrame } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { BudgetAdvice } from './budget-advice';
import { BudgetAlerts } from './budget-alerts';
import { BudgetBreakdown } from './budget-breakdown';
import { hasPace } from './budget-reckoning';
import { BudgetSettings } from './budget-settings';
import { BUDGET } from './budget.words';
import './budget.css';

type Level = BudgetStatusResponse['alert_level'] | 'over';

const TONES: Readonly<Record<Level, Tone>> = {
  green: 'good',
  yellow: 'info',
  orange: 'warn',
  red: 'bad',
  critical: 'bad',
  over: 'bad',
};

/** Provider money: each part asks for itself, and fails alone. A hidden budget is one sentence. */
export function Budget() {
  const words = useLocale().words(BUDGET);
  const [status, retry] = useResource<BudgetStatusResponse>('/api/v1/budget/status');
  const isHidden = status.state === 'failed' && status.problem.code === 'budget_view_forbidden';
  const isKnown = status.state !== 'loading';
  return (
    <SectionFrame id="budget" title={words.title} busy={status.state === 'loading'}>
      {isHidden ? (
        <p>{words.hidden}</p>
      ) : (
        <div class="budget-parts">
          <div class="stack">
            <Loaded resource={status} retry={retry} lines={10}>
              {(data) => <Status status={data} />}
            </Loaded>
          </div>
          {isKnown && (
            <div class="stack">
              <BudgetAlerts />
              <BudgetAdvice />
            </div>
          )}
        </div>
      )}
      {isKnown && !isHidden && (
        <>
          <BudgetBreakdown />
          <BudgetSettings spent={status.state === 'ready' ? status.data.used_budget_micros : null} />
        </>
      )}
    </SectionFrame>
  );
}

function Status({ status }: { readonly status: BudgetStatusResponse }) {
  const locale = useLocale();
  const words = locale.words(BUDGET);
  const limit = locale.dollars(status.total_budget_micros);
  const used = locale.dollars(status.used_budget_micros);
  const held = locale.dollars(status.held_micros);
  const level: Level = status.is_over_budget ? 'over' : status.alert_level;
  return (
    <>
      <div class="row">
        <p>
          <span class="figure">{used}</span> {words.spent(limit)}
        </p>
        <Badge tone={TONES[level]}>{words.levels[level]}</Badge>
      </div>
      <Meter
        label={words.title}
        text={words.meter(used, limit, held)}
        used={status.used_budget_micros}
        held={status.held_micros}
        limit={status.total_budget_micros}
      />
      {hasPace(status) && (
        <p>{words.projection(locale.dollars(status.projected_cost_micros), limit, locale.day(status.period_end))}</p>
      )}
      <dl class="facts">
        <dt>{words.left}</dt>
        <dd>{locale.dollars(status.available_micros)}</dd>
        {status.held_micros > 0 && (
          <>
            <dt>{words.held}</dt>
            <dd>{held}</dd>
          </>
        )}
        {status.estimated_micros > 0 && (
          <>
            <dt>{words.estimated}</dt>
            <dd>{locale.dollars(status.estimated_micros)}</dd>
          </>
        )}
        <dt>{words.resets}</dt>
        <dd>
          <Moment at={status.period_end} />
        </dd>
        <dt>{words.atTheEnd}</dt>
        <dd>{words.modes[status.mode]}</dd>
      </dl>
    </>
  );
}
