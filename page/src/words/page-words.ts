import type { SessionWords } from '../shared/session-over';
import type { CommonWords } from '../shared/words';
import type { BudgetSettingsWords } from '../billing/budget-settings.words';
import type { BudgetWords } from '../billing/budget.words';
import type { CancelWords } from '../billing/cancel-dialog.words';
import type { ChangeWords } from '../billing/change-dialog.words';
import type { CreditWords } from '../billing/credits.words';
import type { DeviceWords } from '../billing/devices.words';
import type { InvoiceWords } from '../billing/invoices.words';
import type { MeterWords } from '../billing/meters.words';
import type { HeadWords } from '../billing/page-head.words';
import type { ProblemWords } from '../billing/plan-card-problem';
import type { PlanCardWords } from '../billing/plan-card.words';
import type { PlanCompareWords } from '../billing/plan-compare.words';
import type { RefusalWords } from '../billing/refusals.words';
import type { UsageWords } from '../billing/usage-over-time.words';
import type { LimitName } from '../billing/plan-limits.words';
import type { Language, LoadedWords } from '../shared/locale';

/** All that the pages say, by section. A language has all of it, or does not compile. */
export interface PageWords {
  readonly common: CommonWords;
  readonly session: SessionWords;
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
export function wordsOf<Name extends keyof PageWords>(name: Name): LoadedWords<PageWords[Name]> {
  return { loaded: name };
}

const FILES: Readonly<Record<Language, () => Promise<{ readonly words: PageWords }>>> = {
  en: () => import('./en'),
  de: () => import('./de'),
  'zh-Hant': () => import('./zh-hant'),
};

/** A visit loads one language. */
export async function loadWords(language: Language): Promise<PageWords> {
  return (await FILES[language]()).words;
}
