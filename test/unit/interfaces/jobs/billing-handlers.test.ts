import type { GraceEnd } from '#application/billing/grace-end';
import type { IncludedCreditGrant } from '#application/billing/included-credit-grant';
import type { SubscriptionReconciliation } from '#application/billing/subscription-reconciliation';
import type { SubscriptionReminders } from '#application/billing/subscription-reminders';
import { IncludedCreditHandler } from '#interfaces/jobs/included-credit.handler';
import { SubscriptionReconciliationHandler } from '#interfaces/jobs/subscription-reconciliation.handler';
import { SubscriptionRemindersHandler } from '#interfaces/jobs/subscription-reminders.handler';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';

let log: RecordingLog;
beforeEach(() => {
  log = new RecordingLog();
});

const doing = (done: number, failed: number) => ({ execute: async () => ({ done, failed }) });

describe('the job remind_subscribers', () => {
  const handle = (grace: [number, number], reminded: [number, number]): Promise<void> =>
    new SubscriptionRemindersHandler(
      doing(...grace) as unknown as GraceEnd,
      doing(...reminded) as unknown as SubscriptionReminders,
      log,
    ).handle();

  it('says what it did, and nothing of nothing', async () => {
    await handle([0, 0], [0, 0]);
    expect(log.lines).toEqual([]);
    await handle([1, 0], [2, 0]);
    expect(log.lines).toMatchObject([{ level: 'info', fields: { grace_ended: 1, reminded: 2 } }]);
  });

  it('fails when one of either failed, after all the others', async () => {
    await expect(handle([0, 1], [0, 2])).rejects.toThrow('3 subscriptions');
  });
});

describe('the job grant_included_credit', () => {
  const handle = (done: number, failed: number): Promise<void> =>
    new IncludedCreditHandler(doing(done, failed) as unknown as IncludedCreditGrant, log).handle();

  it('says what it did, and nothing of nothing', async () => {
    await handle(0, 0);
    expect(log.lines).toEqual([]);
    await handle(3, 0);
    expect(log.lines).toMatchObject([{ level: 'info', fields: { subscriptions: 3 } }]);
  });

  it('fails when a grant failed', async () => {
    await expect(handle(3, 1)).rejects.toThrow('1 subscriptions');
  });
});

describe('the job reconcile_subscriptions', () => {
  const asked: unknown[] = [];
  const handle = (repairs: readonly unknown[], failed: number): Promise<void> => {
    const execute = async (request: unknown) => {
      asked.push(request);
      return { examined: 2, repairs, failed };
    };
    const clock = new ManualClock('2026-03-10T17:37:00.000Z');
    return new SubscriptionReconciliationHandler(
      { execute } as unknown as SubscriptionReconciliation,
      clock,
      log,
    ).handle();
  };

  it('looks back three days, and at the share of this hour', async () => {
    await handle([], 0);
    expect(asked).toEqual([
      { since: new Date('2026-03-07T17:37:00.000Z'), share: { part: 17, of: 24 }, dryRun: false },
    ]);
    expect(log.lines).toEqual([]);
  });

  it('warns of every repair, and fails when a customer could not be looked at', async () => {
    await handle([{ externalId: 'sub_1' }], 0);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { repairs: [{ externalId: 'sub_1' }] } }]);
    await expect(handle([], 1)).rejects.toThrow('1 customers');
  });
});
