import fc from 'fast-check';
import { CREDIT_CATEGORIES, type CreditCategory } from '#domain/credits/credit-grant';
import { CREDIT_TYPES, type CreditType } from '#domain/credits/credit-transaction';

const MINUTE = 60_000;

/** Some of them only have a meaning beside the account that they meet. */
export type Amount = number | 'all' | 'all in front' | 'one in front too many' | 'one too many' | 'half';
export type Cost = 'nothing' | 'half' | 'exactly' | 'one more' | 'much more' | 'everything and more';

export type Operation =
  | { do: 'grant'; type: CreditType; amount: number; category: CreditCategory; lasts: number | null }
  | { do: 'spend'; type: 'api_usage' | 'transcription' | 'admin_debit'; amount: Amount }
  | { do: 'hold'; amount: Amount; lasts: number; isDurable: boolean; isLogged: boolean }
  | { do: 'settle'; which: number; cost: Cost }
  | { do: 'release'; which: number }
  | { do: 'claw back'; type: 'refund' | 'chargeback'; amount: Amount; which: number | null }
  | { do: 'reverse'; amount: number }
  | { do: 'repeat'; which: number }
  | { do: 'use the key again'; which: number }
  | { do: 'tidy' };

/** How the operations of a step come to the database. */
export type Step =
  | { how: 'one by one' | 'in one transaction' | 'as one deed'; operations: readonly Operation[] }
  | { how: 'at the same time'; amount: Amount; times: number }
  | { how: 'wait'; minutes: number };

/** With the prototype of every other object: one without is a nuisance to read when it fails. */
const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
const someAmount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 2, arbitrary: fc.constantFrom('all', 'all in front', 'one in front too many', 'one too many', 'half') },
) as fc.Arbitrary<Amount>;
const which = fc.nat({ max: 9 });
const minutes = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map((count) => count * MINUTE);

const grant = record({
  do: fc.constant('grant' as const),
  type: fc.constantFrom(...CREDIT_TYPES.filter((type) => type !== 'reversal')),
  amount: fc.integer({ min: 1, max: 900 }),
  category: fc.constantFrom(...CREDIT_CATEGORIES),
  lasts: fc.option(minutes(600), { freq: 2 }),
});
const spend = record({
  do: fc.constant('spend' as const),
  type: fc.constantFrom('api_usage' as const, 'transcription' as const, 'admin_debit' as const),
  amount: someAmount,
});
const hold = record({
  do: fc.constant('hold' as const),
  amount: someAmount,
  lasts: minutes(120),
  isDurable: fc.boolean(),
  /** Whether it is for AI work, the settlement of which is logged. */
  isLogged: fc.boolean(),
});
const settle = record({
  do: fc.constant('settle' as const),
  which,
  cost: fc.constantFrom<Cost>('nothing', 'half', 'half', 'exactly', 'one more', 'much more', 'everything and more'),
});
const release = record({ do: fc.constant('release' as const), which });
const clawBack = record({
  do: fc.constant('claw back' as const),
  type: fc.constantFrom('refund' as const, 'chargeback' as const),
  amount: someAmount,
  which: fc.option(which, { freq: 4 }),
});
const reverse = record({ do: fc.constant('reverse' as const), amount: fc.integer({ min: 1, max: 300 }) });
const repeat = record({ do: fc.constantFrom('repeat' as const, 'use the key again' as const), which });
const tidy = fc.constant({ do: 'tidy' as const });

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>): { weight: number; arbitrary: fc.Arbitrary<T> } => ({
  weight,
  arbitrary,
});
const fresh: fc.Arbitrary<Operation> = fc.oneof(
  often(7, grant),
  often(6, spend),
  often(8, hold),
  often(7, settle),
  often(2, release),
  often(2, clawBack),
  often(1, reverse),
  often(1, tidy),
);
const any: fc.Arbitrary<Operation> = fc.oneof(often(8, fresh), often(1, repeat));

const steps = (how: Exclude<Step['how'], 'wait' | 'at the same time'>, max: number): fc.Arbitrary<Step> =>
  record({
    how: fc.constant(how),
    operations: fc.array(how === 'as one deed' ? fresh : any, { minLength: 1, maxLength: max, size: 'max' }),
  });

/** As requests of the gateway come: small holds, each settled soon, one deed at a time. */
const aiWork: fc.Arbitrary<Step> = fc
  .array(
    fc.tuple(
      record({
        do: fc.constant('hold' as const),
        amount: fc.integer({ min: 1, max: 40 }),
        lasts: minutes(120),
        isDurable: fc.boolean(),
        isLogged: fc.constant(true),
      }),
      record({
        do: fc.constant('settle' as const),
        which: fc.nat({ max: 2 }),
        cost: fc.constantFrom<Cost>('nothing', 'half', 'half', 'exactly', 'exactly', 'one more'),
      }),
    ),
    { minLength: 1, maxLength: 4, size: 'max' },
  )
  .map((pairs) => ({ how: 'one by one', operations: pairs.flat() }));

/**
 * Some hundred operations on one user's credit. Most of them come as one deed: that is an opening, rules and a keeping for the
 * price of one, a hundred thousand of which a small machine does in half a minute.
 */
export const script: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    often(3, steps('one by one', 4)),
    often(4, aiWork),
    often(2, steps('in one transaction', 8)),
    often(9, steps('as one deed', 40)),
    often(
      1,
      record({ how: fc.constant('at the same time' as const), amount: someAmount, times: fc.constantFrom(2, 3) }),
    ),
    often(5, record({ how: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 150 }) })),
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);
