import type { UserId } from '#domain/accounts/user';
import { CreditAccount, type IncomingCredit, type Occasion } from '#domain/credits/credit-account';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { CreditTransaction, GrantPart } from '#domain/credits/credit-transaction';
import { aCredit, aCreditHold, occasion } from '#test/support/builders/credits';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

export const USER = 'u' as UserId;
export const NOW = new Date('2026-03-10T12:00:00.000Z');
export const after = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
/** Later entries have greater ids, as the product's have. */
export const at = (minutes = 0): Occasion => occasion(after(minutes), () => ids.next());
const ids = new SequentialIds();

/** Credit under a key by which a test can speak of it. */
export function credit(key: string, amount: number, of: Partial<IncomingCredit> = {}): IncomingCredit {
  return aCredit(amount, { key, ...of });
}

/** An account that got this credit, in this order. */
export function accountOf(...incoming: readonly IncomingCredit[]): CreditAccount {
  return incoming.reduce((account, one) => account.granted(one, at()), CreditAccount.empty(USER));
}

/** Work that wants to hold so much, from now for so many minutes. */
export function work(requestId: string, amount: number, minutes = 60): CreditHold {
  return aCreditHold(USER, amount, { requestId, placedAt: NOW, expiresAt: after(minutes) });
}

export const held = (account: CreditAccount, requestId: string): CreditHold =>
  account.holds.find((hold) => hold.requestId === requestId)!;

/** Balance, held and debt, in micro-USD. */
export const standing = ({ balance, held, debt }: CreditAccount): readonly number[] =>
  [balance, held, debt].map((money) => money.toNumber());

/** What is left of each grant that has something left, in spending order. */
export const left = (account: CreditAccount): readonly (readonly [string, number])[] =>
  account.grants
    .filter(({ remaining }) => remaining.isPositive)
    .map(({ id, remaining }) => [keyOf(account, id), remaining.toNumber()]);

/** What is held of each grant. */
export const reserved = (account: CreditAccount): readonly (readonly [string, number])[] =>
  account.grants
    .filter((grant) => grant.held.isPositive)
    .map((grant) => [keyOf(account, grant.id), grant.held.toNumber()]);

/** Which grants, and how much of each. */
export const named = (account: CreditAccount, parts: readonly GrantPart[]): readonly (readonly [string, number])[] =>
  parts.map(({ grant, micros }) => [keyOf(account, grant), Number(micros)]);

/** Type, amount and debt of the entries that were made since. */
export const since = (account: CreditAccount, before: CreditAccount): readonly (readonly [string, number, number])[] =>
  account.entries
    .slice(before.entries.length)
    .map(({ type, amount, debt }) => [type, amount.toNumber(), debt.toNumber()]);

export const last = ({ entries }: CreditAccount): CreditTransaction => entries.at(-1)!;

const keyOf = ({ entries }: CreditAccount, id: string): string => entries.find((entry) => entry.id === id)!.key;
