import type { CreditAccount, CreditClawback } from '#domain/credits/credit-account';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { Metadata } from '#domain/credits/credit-transaction';
import type { AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { Money } from '#domain/shared/money';
import { aCharge, aCredit, aSettlement, micros } from '#test/support/builders/credits';
import type { Book } from './book.js';
import type { Amount, Cost, Operation } from './operations.js';

/** The same on any book, so that each can be asked and their answers compared. */
export type Deed = (book: Book) => Promise<unknown>;

/** What an operation means after all that went before it: which hold, how much, under which key. */
export class Past {
  private readonly requests: string[] = [];
  private readonly grants: string[] = [];
  /** Of requests that are AI work, held or not: a hold that was refused can be tried again. */
  private readonly logIds = new Map<string, AiUsageLogId>();
  private readonly keyed: { readonly again: Deed; readonly changed: Deed }[] = [];
  private made = 0;

  /** The request that settlements and releases of so and so many holds ago are about. */
  request(which: number): string {
    return this.requests.at(-1 - (which % Math.max(this.requests.length, 1))) ?? 'r0';
  }

  /** `among`: the requests that settlements and releases can be about, if not any. */
  deedOf(operation: Operation, account: CreditAccount, now: Date, among: readonly string[] | null = null): Deed {
    const request = (which: number): string => (among ? among[which % among.length]! : this.request(which));
    switch (operation.do) {
      case 'grant': {
        const { type, category, amount, lasts } = operation;
        const expiresAt = lasts === null ? null : new Date(now.getTime() + lasts);
        return this.granted(amount, { type, category, expiresAt });
      }
      case 'reverse':
        return this.granted(operation.amount, { type: 'reversal' });
      case 'spend':
        return this.spent(amountOf(operation.amount, account), operation.type);
      case 'hold': {
        const requestId = `r${++this.made}`;
        this.requests.push(requestId);
        if (operation.isLogged) this.logIds.set(requestId, crypto.randomUUID() as AiUsageLogId);
        const logId = this.logIds.get(requestId);
        const metadata: Metadata = logId ? { ai_usage_log_id: logId } : {};
        return this.keyedBy(amountOf(operation.amount, account), (amount) => {
          const wanted = {
            requestId,
            amount,
            description: 'Work',
            lifetimeMs: operation.lasts,
            metadata,
            durable: operation.isDurable,
          };
          return (book) => book.hold(wanted);
        });
      }
      case 'settle': {
        const requestId = request(operation.which);
        const hold = account.holds.find((one) => one.requestId === requestId);
        const logId = this.logIds.get(requestId) ?? null;
        return this.keyedBy(costOf(operation.cost, hold, account), (amount) => {
          const settlement = { ...aSettlement(requestId, 0), amount, logId };
          return (book) => book.settle(settlement);
        });
      }
      case 'release': {
        const requestId = request(operation.which);
        return (book) => book.release(requestId);
      }
      case 'claw back': {
        const { type, which } = operation;
        const from = which === null ? null : (this.grants.at(-1 - (which % Math.max(this.grants.length, 1))) ?? null);
        return this.clawedBack(amountOf(operation.amount, account), type, from);
      }
      case 'repeat':
      case 'use the key again': {
        if (this.keyed.length === 0) return (book) => book.tidy();
        const { again, changed } = this.keyed[operation.which % this.keyed.length]!;
        return operation.do === 'repeat' ? again : changed;
      }
      case 'tidy':
        return (book) => book.tidy();
    }
  }

  spent(amount: Money, type: 'api_usage' | 'transcription' | 'admin_debit' = 'api_usage'): Deed {
    const key = this.key();
    return this.keyedBy(amount, (amount) => {
      const charge = { ...aCharge(0, { type, key }), amount };
      return (book) => book.spend(charge);
    });
  }

  private granted(amount: number, of: Parameters<typeof aCredit>[1]): Deed {
    const key = this.key();
    this.grants.push(key);
    return this.keyedBy(micros(amount), (amount) => {
      const credit = { ...aCredit(0, { ...of, key }), amount };
      return (book) => book.grant(credit);
    });
  }

  private clawedBack(amount: Money, type: CreditClawback['type'], from: string | null): Deed {
    const key = this.key();
    const details = { key, description: 'Money went back', metadata: {}, actor: 'test' };
    return this.keyedBy(amount, (amount) => (book) => book.clawBack({ type, amount, from, ...details }));
  }

  private keyedBy(amount: Money, deed: (amount: Money) => Deed): Deed {
    const again = deed(amount);
    this.keyed.push({ again, changed: deed(amount.plus(micros(1))) });
    return again;
  }

  private key(): string {
    return `k${++this.made}`;
  }
}

export function amountOf(amount: Amount, { available, front }: CreditAccount): Money {
  const inFront = front?.free ?? micros(0);
  switch (amount) {
    case 'all':
      return available;
    case 'half':
      return micros(available.micros / 2n);
    case 'one too many':
      return available.plus(micros(1));
    case 'all in front':
      return inFront;
    case 'one in front too many':
      return inFront.plus(micros(1));
    default:
      return micros(amount);
  }
}

function costOf(cost: Cost, hold: CreditHold | undefined, { available }: CreditAccount): Money {
  const held = hold?.amount ?? micros(10);
  switch (cost) {
    case 'nothing':
      return micros(0);
    case 'half':
      return micros(held.micros / 2n);
    case 'exactly':
      return held;
    case 'one more':
      return held.plus(micros(1));
    case 'much more':
      return held.plus(held);
    case 'everything and more':
      return held.plus(available).plus(micros(50));
  }
}
