import type { BudgetSettingsResponse } from '#interfaces/http/budgets/budget.response';
import { Loaded } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { Fold } from './budget-fold';
import { BudgetReset } from './budget-reset';
import { BudgetSettingsForm } from './budget-settings-form';
import { BUDGET_SETTINGS } from './budget-settings.words';
import { BUDGET } from './budget.words';

interface BudgetSettingsProps {
  /** In this period; null while that is not known. */
  readonly spent: number | null;
}

/** As far as an operator allows it to be changed; as text otherwise. */
export function BudgetSettings({ spent }: BudgetSettingsProps) {
  const words = useLocale().words(BUDGET_SETTINGS);
  return <Fold title={words.title}>{() => <Asked spent={spent} />}</Fold>;
}

function Asked({ spent }: BudgetSettingsProps) {
  const [resource, retry] = useResource<BudgetSettingsResponse>('/api/v1/budget/settings');
  return (
    <Loaded resource={resource} retry={retry} lines={5}>
      {(settings) => {
        const { can_modify: mayModify, can_reset: mayReset } = settings.permissions;
        return (
          <>
            {mayModify ? (
              // Settings that somebody else changed meanwhile begin the form anew.
              <BudgetSettingsForm key={JSON.stringify(settings)} settings={settings} />
            ) : (
              <AsText settings={settings} />
            )}
            {mayReset && <BudgetReset spent={spent} />}
          </>
        );
      }}
    </Loaded>
  );
}

function AsText({ settings }: { readonly settings: BudgetSettingsResponse }) {
  const locale = useLocale();
  const words = locale.words(BUDGET_SETTINGS);
  const limit = locale.dollars(settings.total_budget_micros);
  const { custom_period_days: days, budget_period: period } = settings;
  const thresholds = [
    settings.alert_threshold_yellow,
    settings.alert_threshold_orange,
    settings.alert_threshold_red,
  ] as const;
  return (
    <>
      <dl class="facts">
        <dt>{words.limit}</dt>
        <dd>{settings.limit_micros === null ? words.ofPlan(limit) : limit}</dd>
        <dt>{words.mode}</dt>
        <dd>{locale.words(BUDGET).modes[settings.mode]}</dd>
        <dt>{words.period}</dt>
        <dd>{days === null ? words.periods[period] : words.everyDays(locale.number(days))}</dd>
        {([words.yellow, words.orange, words.red] as const).map((name, place) => (
          <>
            <dt>{name}</dt>
            <dd>{locale.percent(thresholds[place]!)}</dd>
          </>
        ))}
      </dl>
      <p class="quiet">{words.askOperator}</p>
    </>
  );
}
