import type { BudgetSettingsWords } from '../budget-settings.words';
import type { BudgetWords } from '../budget.words';
import type { CancelWords } from '../cancel-dialog.words';
import type { ChangeWords } from '../change-dialog.words';
import type { CreditWords } from '../credits.words';
import type { DeviceWords } from '../devices.words';
import type { InvoiceWords } from '../invoices.words';
import type { MeterWords } from '../meters.words';
import type { HeadWords } from '../page-head.words';
import type { ProblemWords } from '../plan-card-problem';
import type { PlanCardWords } from '../plan-card.words';
import type { PlanCompareWords } from '../plan-compare.words';
import type { RefusalWords } from '../refusals.words';
import type { UsageWords } from '../usage-over-time.words';
import type { LimitName } from '../plan-limits.words';
import type { Language, LoadedWords } from '../../shared/locale';

/** All that the billing page says, by section. A language has all of it, or does not compile. */
export interface BillingWords {
  readonly budgetSettings: BudgetSettingsWords;
  readonly budget: BudgetWords;
  readonly cancel: CancelWords;
  readonly change: ChangeWords;
  readonly credits: CreditWords;
  readonly devices: DeviceWords;
  readonly invoices: InvoiceWords;
  readonly meters: MeterWords;
  readonly pageHead: HeadWords;
  readonly problems: ProblemWords;
  readonly planCard: PlanCardWords;
  readonly planCompare: PlanCompareWords;
  readonly limitNames: Readonly<Record<LimitName, string>>;
  readonly refusals: RefusalWords;
  readonly usage: UsageWords;
}

/** Names a section's words: `useLocale().words(…)` has them in the language that is spoken. */
export function wordsOf<Name extends keyof BillingWords>(name: Name): LoadedWords<BillingWords[Name]> {
  return { loaded: name };
}

const FILES: Readonly<Record<Language, () => Promise<{ readonly words: BillingWords }>>> = {
  en: () => import('./en'),
  de: () => import('./de'),
  'zh-Hant': () => import('./zh-hant'),
};

/** A visit loads one language. */
export async function loadWords(language: Language): Promise<BillingWords> {
  return (await FILES[language]()).words;
}
