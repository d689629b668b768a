import type { CreditAccount } from '#domain/credits/credit-account';
import type { GrantPart } from '#domain/credits/credit-transaction';
import type { Money } from '#domain/shared/money';
import type { GrantIds } from './book.js';

/** All that is kept of a user, so that the same state is the same text. */
export interface State {
  readonly account: readonly number[];
  readonly grants: readonly unknown[] | null;
  readonly holds: readonly unknown[] | null;
  readonly entries: readonly unknown[] | null;
}

const number = (money: Money | null): number | null => money?.toNumber() ?? null;
const instant = (date: Date | null): number | null => date?.getTime() ?? null;
const parts = (list: readonly GrantPart[]): unknown =>
  list.map(({ grant, micros }) => ({ grant, micros: Number(micros) }));
const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

/** Of an account that has all its grants, holds and entries. */
export function stateOf({ balance, held, debt, sequence, grants, holds, entries }: CreditAccount): State {
  const place = new Map(entries.map((entry) => [entry.id, entry.sequence]));
  return {
    account: [balance, held, debt].map((money) => money.toNumber()).concat(sequence),
    grants: orNull(
      [...grants]
        .sort((one, other) => place.get(one.id)! - place.get(other.id)!)
        .map((one) => [
          one.id,
          one.category,
          number(one.amount),
          number(one.remaining),
          number(one.held),
          instant(one.expiresAt),
        ]),
    ),
    holds: orNull(
      [...holds]
        .sort((one, other) => (one.requestId < other.requestId ? -1 : 1))
        .map((one) => [
          one.requestId,
          one.state,
          number(one.amount),
          number(one.settled),
          parts(one.parts),
          instant(one.placedAt),
          instant(one.expiresAt),
          instant(one.closedAt),
        ]),
    ),
    entries: orNull(
      entries.map((one) => [
        one.sequence,
        one.type,
        number(one.amount),
        number(one.debt),
        number(one.balanceBefore),
        number(one.balanceAfter),
        number(one.debtAfter),
        one.key,
        parts(one.sources),
        one.actor,
        instant(one.createdAt),
      ]),
    ),
  };
}

/** What a deed answered, without ids: each book has its own. */
export function telling(answer: unknown): string {
  return String(JSON.stringify(answer, (name, value: unknown) => (ITS_OWN.has(name) ? undefined : plain(value))));
}

const ITS_OWN = new Set(['id', 'parts', 'sources']);
const plain = (value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Says the keys of grants instead of their ids. */
export function namesOf(grants: GrantIds): (text: string) => string {
  const names = new Map([...grants].map(([key, id]) => [id as string, key]));
  return (text) => text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id);
}
