import type { Money } from '#domain/shared/money';

/** What the operator decides about budgets where nobody configured one. */
export class BudgetSettings {
  constructor(
    /** Of the global budget, a month. */
    readonly globalLimit: Money,
    /** What may be spent beyond a budget that is used up, in operations below 0.01 USD. */
    readonly microAllowance: Money,
    /** Where alerts are posted to; null: nowhere. */
    readonly webhook: { readonly url: string; readonly secret: string } | null,
  ) {}
}
