import { DeviceRegistration } from '#application/accounts/device-registration';
import { ListUsers } from '#application/accounts/list-users';
import { UserChange } from '#application/accounts/user-change';
import { UserRegistration } from '#application/accounts/user-registration';
import { Clock } from '#application/ports/clock';
import { Outages } from '#application/ports/outages';
import { Transaction } from '#application/ports/transaction';
import { DeviceRepository } from '#domain/accounts/device';
import { UserRepository } from '#domain/accounts/user-repository';
import type { User } from '#domain/accounts/user';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { InMemoryDeviceRepository } from '#test/support/fakes/in-memory-device-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { GetRunningSubscription } from '#application/billing/get-running-subscription';
import { InMemorySubscriptionRepository } from '#test/support/fakes/in-memory-subscription-repository';
import { RecordingJobQueue } from '#test/support/fakes/recording-job-queue';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import type { FakeSystem } from './rehearsed-run.js';

export const SECRET = 'mb_test_aSecretThatIsShownOnce';

/** Accounts in memory: the use cases are the real ones. */
export function aSystem() {
  const transaction = new InMemoryTransaction(true);
  const clock = new ManualClock('2026-03-10T12:00:00.000Z');
  const ids = new SequentialIds();
  const users = new InMemoryUserRepository(transaction);
  const devices = new InMemoryDeviceRepository(transaction);
  const audit = new RecordingAuditLog(transaction);
  const plans = new FixedPlanCatalog(DEFAULT_CATALOG);
  let minted = 0;
  const keys = {
    mint: () => ({ secret: SECRET, hash: `hash ${++minted}`, prefix: 'mb_test_', lastFour: 'once' }),
    hashOf: () => null,
  };
  const callers = { get: () => null, set: () => undefined, clear: () => undefined };
  const registration = new UserRegistration(users, plans, audit, transaction, clock, ids);
  const system: FakeSystem = {
    parts: [
      [Transaction, transaction],
      [Clock, clock],
      [UserRepository, users],
      [ListUsers, new ListUsers(users)],
      [DeviceRepository, devices],
      [UserRegistration, registration],
      [
        UserChange,
        new UserChange(users, plans, audit, callers, transaction, clock, new RecordingJobQueue(transaction)),
      ],
      [GetRunningSubscription, new GetRunningSubscription(new InMemorySubscriptionRepository(transaction))],
      [DeviceRegistration, new DeviceRegistration(users, devices, plans, keys, transaction, clock, ids, audit)],
      [Outages, { recognise: () => null }],
    ],
  };
  const givenUser = (email = 'ada@example.com', plan: PlanName = 'free'): Promise<User> =>
    registration.execute({ email, name: 'Ada', plan, role: 'user', actor: 'test', reason: null });
  return { system, users, devices, audit, clock, transaction, givenUser };
}
