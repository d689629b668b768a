import type { UserId } from '#domain/accounts/user';
import {
  CreditAccount,
  type CreditCharge,
  type CreditClawback,
  type CreditSettlement,
  type IncomingCredit,
  type Occasion,
} from '#domain/credits/credit-account';
import { CreditHold } from '#domain/credits/credit-hold';
import type { CreditTransactionId } from '#domain/credits/credit-transaction';
import type { Id } from '#domain/shared/id';
import { Money } from '#domain/shared/money';

export const micros = (amount: number | bigint): Money => Money.ofMicros(BigInt(amount));

/** A deed at this instant; its entries get random ids unless told otherwise. */
export function occasion(now: Date, nextId: () => CreditTransactionId = anId): Occasion {
  return { now, nextId };
}

/** Paid credit that never expires, under a key of its own, unless told otherwise. */
export function aCredit(amount: number, of: Partial<IncomingCredit> = {}): IncomingCredit {
  return {
    type: of.category === 'promotional' ? 'bonus' : 'purchase',
    amount: micros(amount),
    category: 'paid',
    expiresAt: null,
    ...details('Credit bought'),
    ...of,
  };
}

export function aCharge(amount: number, of: Partial<CreditCharge> = {}): CreditCharge {
  return { type: 'api_usage', amount: micros(amount), ...details('A completion'), ...of };
}

export function aSettlement(requestId: string, amount: number, of: Partial<CreditSettlement> = {}): CreditSettlement {
  const { description, metadata, actor } = details('A completion');
  return { requestId, type: 'api_usage', amount: micros(amount), description, metadata, actor, ...of };
}

export function aClawback(amount: number, of: Partial<CreditClawback> = {}): CreditClawback {
  return { type: 'refund', amount: micros(amount), from: null, ...details('Money went back'), ...of };
}

/** Wanted credit for one request: an open hold without parts, of one hour. */
export function aCreditHold(userId: UserId, amount: number, of: Partial<CreditHold> = {}): CreditHold {
  const { id = anId<'CreditHold'>(), requestId = crypto.randomUUID(), placedAt = new Date(0) } = of;
  const { expiresAt = new Date(placedAt.getTime() + 3_600_000), description = 'A completion', metadata = {} } = of;
  return new CreditHold(
    id,
    userId,
    requestId,
    micros(amount),
    [],
    description,
    'open',
    null,
    placedAt,
    expiresAt,
    null,
    metadata,
  );
}

/** The account as the next transaction opens it: without what the deeds before added to the ledger. */
export function reopened(account: CreditAccount): CreditAccount {
  const live = account.grants.filter(({ remaining }) => remaining.isPositive);
  return CreditAccount.of(account.userId, { ...account, grants: live });
}

function details(description: string): Pick<IncomingCredit, 'key' | 'description' | 'metadata' | 'actor'> {
  return { key: crypto.randomUUID(), description, metadata: { note: 'a test' }, actor: 'test' };
}

function anId<Of extends string>(): Id<Of> {
  return crypto.randomUUID() as Id<Of>;
}
