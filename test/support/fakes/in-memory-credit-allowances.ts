import type { CreditAllowances } from '#application/credits/credit-allowances';
import { Money } from '#domain/shared/money';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryCreditAllowances implements CreditAllowances {
  private readonly rows: Table<Money>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('credit_allowances');
  }

  async take(actor: string, at: Date, amount: Money, most: Money): Promise<boolean> {
    const granted = (await this.grantedOn(actor, at)).plus(amount);
    if (most.isLessThan(granted)) return false;
    this.rows.put(keyOf(actor, at), granted);
    return true;
  }

  async grantedOn(actor: string, at: Date): Promise<Money> {
    return this.rows.get(keyOf(actor, at)) ?? Money.zero;
  }
}

const keyOf = (actor: string, at: Date): string => `${actor} ${at.toISOString().slice(0, 10)}`;
