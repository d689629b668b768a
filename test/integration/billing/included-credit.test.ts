import { SubscriptionCancellation } from '#application/billing/subscription-cancellation';
import { SubscriptionChange } from '#application/billing/subscription-change';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { UserId } from '#domain/accounts/user';
import { Money } from '#domain/shared/money';
import { CustomerYear } from './customer-year.js';

const TRIAL_ENDS = '2026-02-14T10:00:00Z';

let year: CustomerYear;
let ana: UserId;

beforeEach(async () => {
  year = await CustomerYear.begin();
  await year.subscribe('pro');
  ana = year.ana;
});
afterEach(() => year.end());

const paidFor = async (): Promise<void> => {
  year.clock.set(TRIAL_ENDS);
  await year.bill();
};
const change = (plan: string, cycle: string) =>
  year.app.container.get(SubscriptionChange).execute(ana, plan, cycle, null, null);

it('changes of the cycle bring no credit for days that it was given for already', async () => {
  await paidFor();
  expect(await year.grant()).toBe(1);
  year.clock.set('2026-02-28T10:00:00Z');
  await change('pro', 'year');
  await change('coaching_school', 'month');
  expect(await year.grant()).toBe(0);
  // The month that was given for is over: 14 of the 28 days that began with the change are left.
  year.clock.set('2026-03-14T10:00:00Z');
  expect([await year.grant(), await year.grant()]).toEqual([1, 0]);
  year.clock.set('2026-03-28T10:00:00Z');
  await year.bill();
  expect([await year.grant(), await year.grant()]).toEqual([1, 0]);
  const [given] = (await year.app.rows<{ sum: string }>(
    `select sum(amount_micros) from credit_transactions where type = 'bonus' and metadata ->> 'plan' = 'coaching_school'`,
  )) as [{ sum: string }];
  expect(Number(given.sum)).toBe(30_000_000);
});

it('a trial that is ended at once gives back what is left of its credit, also what is held, and nothing of what was spent', async () => {
  const credits = year.app.container.get(CreditLedger);
  expect(await year.grant()).toBe(1);
  const [spent, held] = [Money.ofMicros(1_000_000n), Money.ofMicros(2_000_000n)];
  const details = { description: 'work', metadata: {}, actor: 'system' };
  await credits.spend(ana, { ...details, key: 'work', type: 'api_usage', amount: spent });
  await credits.hold(ana, { ...details, requestId: 'r', amount: held, lifetimeMs: 60_000, durable: true });
  await year.app.container.get(SubscriptionCancellation).execute(ana, 'now', null);
  expect(await year.ledger()).toEqual([
    ['bonus', 5_000_000],
    ['api_usage', -1_000_000],
    ['expiry', -2_000_000],
  ]);
  await credits.release(ana, 'r');
  expect(await year.ledger()).toEqual([
    ['bonus', 5_000_000],
    ['api_usage', -1_000_000],
    ['expiry', -2_000_000],
    ['expiry', -2_000_000],
  ]);
  expect(await year.grant()).toBe(0);
  await credits.expire(ana, 'no such key');
});

it('a month that was paid for keeps its credit when the subscription is ended at once', async () => {
  await paidFor();
  await year.grant();
  await year.app.container.get(SubscriptionCancellation).execute(ana, 'now', null);
  expect(await year.ledger()).toEqual([['bonus', 5_000_000]]);
});
