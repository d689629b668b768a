import type {
  ChangeMoneyResponse,
  LimitChangeResponse,
  NextChargeResponse,
} from '#interfaces/http/billing/billing.response';
import { DataTable } from '../shared/components/data-table';
import { useLocale } from '../shared/locale';
import { CHANGE } from './change-dialog.words';
import { PLAN_CARD } from './plan-card.words';
import { PLAN_COMPARE } from './plan-compare.words';
import { LIMIT_NAMES, limitText } from './plan-limits.words';

interface ChangeMoneyProps {
  readonly money: ChangeMoneyResponse | null;
  readonly next: NextChargeResponse | null;
}

/** What is charged by the change, part by part, and what after it. The parts are in the provider's words. */
export function ChangeMoney({ money, next }: ChangeMoneyProps) {
  const locale = useLocale();
  const card = locale.words(PLAN_CARD);
  const words = locale.words(CHANGE);
  return (
    <div class="stack">
      <h3>{words.money}</h3>
      {money === null || (money.due_now === 0 && money.lines.length === 0) ? (
        <p>{words.noCharge}</p>
      ) : (
        <ul class="sums">
          {money.lines.map(({ description, amount }, place) => (
            <li key={place}>
              <span lang="en">{description}</span>
              <span>{locale.money(amount, money.currency)}</span>
            </li>
          ))}
          <li class="sum">
            <span>{words.dueNow}</span>
            <span>{locale.money(money.due_now, money.currency)}</span>
          </li>
        </ul>
      )}
      {next && (
        <p class="quiet">
          {card.next}: {card.on(locale.money(next.amount, next.currency), locale.date(next.at))}
        </p>
      )}
    </div>
  );
}

/** Each limit as it is and as it becomes, and whether what is used now fits into it. */
export function ChangeLimits({ limits }: { readonly limits: readonly LimitChangeResponse[] }) {
  const locale = useLocale();
  const words = locale.words(CHANGE);
  const names = locale.words(LIMIT_NAMES);
  const compare = locale.words(PLAN_COMPARE);
  const minutes = limits.find(({ name, used }) => name === 'minutes' && used !== null);
  return (
    <div class="stack">
      {minutes && (
        <p>{words.stays(limitText(locale, 'minutes', minutes.used ?? 0), limitText(locale, 'minutes', minutes.to))}</p>
      )}
      <DataTable
        caption={words.limits}
        rows={limits.filter(({ from, to, fits }) => String(from) !== String(to) || !fits)}
        keyOf={({ name }) => name}
        columns={[
          { head: words.limit, cell: ({ name }) => names[name] },
          { head: words.from, cell: ({ name, from }) => limitText(locale, name, from) },
          { head: words.to, cell: ({ name, to }) => <strong>{limitText(locale, name, to)}</strong> },
          {
            head: words.used,
            cell: ({ name, used, fits }) => (
              <span class={fits ? 'fits' : 'fits-not'}>
                {used !== null && `${limitText(locale, name, used)} `}
                <span aria-hidden="true">{fits ? '✓' : '✕'}</span> {compare[fits ? 'fitsOne' : 'fitsNotOne']}
              </span>
            ),
          },
        ]}
      />
      {limits.some(({ fits, used }) => !fits && used !== null) && <p class="note note-warn">{words.tooSmall}</p>}
    </div>
  );
}
