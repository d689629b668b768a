import { useState } from 'preact/hooks';
import type { BudgetSettingsResponse } from '#interfaces/http/budgets/budget.response';
import { announce } from '../shared/components/announcer';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { type BudgetFault, type BudgetForm, changesOf, faultsOf, formOf } from './budget-reckoning';
import { BUDGET_SETTINGS } from './budget-settings.words';
import { BUDGET } from './budget.words';

const NONE: ReadonlySet<BudgetFault> = new Set();

/** What the server would refuse is found here first, and told at its field. */
export function BudgetSettingsForm({ settings }: { readonly settings: BudgetSettingsResponse }) {
  const locale = useLocale();
  const words = locale.words(BUDGET_SETTINGS);
  const api = useApi();
  const [form, setForm] = useState<BudgetForm>(formOf(settings));
  const [faults, setFaults] = useState(NONE);
  const deed = useDeed(async () => {
    const found = faultsOf(form);
    setFaults(found);
    if (found.size > 0) return;
    const changes = changesOf(form, settings);
    if (Object.keys(changes).length === 0) return announce(words.unchanged);
    await api.send('PUT', '/api/v1/budget/settings', changes);
    announceChange();
    announce(words.saved);
  });
  const set = (change: Partial<BudgetForm>): void => setForm({ ...form, ...change });
  const fault = (...kinds: readonly BudgetFault[]) => {
    const kind = kinds.find((one) => faults.has(one));
    return (
      <span id={`budget-fault-${kinds[0]}`} role="alert" class="note note-bad" hidden={!kind}>
        {kind && words.faults[kind]}
      </span>
    );
  };
  const number = (name: 'yellow' | 'orange' | 'red' | 'days', label: string, isWrong: boolean, about: string) => (
    <div class="field">
      <label for={`budget-${name}`}>{label}</label>
      <input
        id={`budget-${name}`}
        inputMode="numeric"
        autocomplete="off"
        value={form[name]}
        aria-invalid={isWrong}
        aria-describedby={about}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
      />
    </div>
  );
  const choice = <T extends string>(
    name: 'mode' | 'period',
    label: string,
    value: T,
    options: Readonly<Record<T, string>>,
  ) => (
    <div class="field">
      <label for={`budget-${name}`}>{label}</label>
      <select id={`budget-${name}`} value={value} onChange={(event) => set({ [name]: event.currentTarget.value })}>
        {(Object.entries(options) as [T, string][]).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
  const isLimitWrong = faults.has('limit') || faults.has('limitRequired');
  return (
    <form
      class="stack budget-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <div class="field">
        <label for="budget-limit">{words.limit}</label>
        <input
          id="budget-limit"
          type="number"
          min="0"
          max="10000"
          step="any"
          value={form.limit}
          aria-invalid={isLimitWrong}
          aria-describedby="budget-limit-hint budget-fault-limit"
          onInput={(event) =>
            // What is no number has an empty value: it must not pass for "the plan's".
            set({ limit: event.currentTarget.validity.badInput ? '?' : event.currentTarget.value })
          }
        />
        <span id="budget-limit-hint" class="quiet">
          {words.limitHint}
        </span>
        {fault('limit', 'limitRequired')}
      </div>
      {choice('mode', words.mode, form.mode, locale.words(BUDGET).modes)}
      {choice('period', words.period, form.period, words.periods)}
      {form.period === 'custom' && number('days', words.days, faults.has('days'), 'budget-fault-days')}
      {fault('days')}
      {form.period !== settings.budget_period && <p class="quiet">{words.newPeriod}</p>}
      <fieldset>
        <legend>{words.thresholds}</legend>
        {(['yellow', 'orange', 'red'] as const).map((name) =>
          number(name, words[name], faults.has('thresholds'), 'budget-fault-thresholds'),
        )}
        {fault('thresholds')}
      </fieldset>
      <ProblemNote
        problem={deed.problem}
        text={deed.problem?.code === 'budget_modify_forbidden' ? words.forbidden : null}
      />
      <div class="actions">
        <button type="submit" class="button button-primary" aria-busy={deed.isRunning || undefined}>
          {words.save}
        </button>
      </div>
    </form>
  );
}
