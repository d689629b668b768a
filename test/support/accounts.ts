import { Authentication, type Caller } from '#application/accounts/authentication';
import type { AccessTokens } from '#application/accounts/access-tokens';
import type { CallerCache } from '#application/accounts/caller-cache';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { DeviceRevocation } from '#application/accounts/device-revocation';
import { GetAccount } from '#application/accounts/get-account';
import { GetProfile } from '#application/accounts/get-profile';
import { ListAuditLog } from '#application/accounts/list-audit-log';
import { ListDevices } from '#application/accounts/list-devices';
import { ListUsers } from '#application/accounts/list-users';
import { PageSessionClosing } from '#application/accounts/page-session-closing';
import { PageSessionCreation } from '#application/accounts/page-session-creation';
import { PageSessionEnd } from '#application/accounts/page-session-end';
import { PageSessionOpening } from '#application/accounts/page-session-opening';
import { PageSessionRemoval } from '#application/accounts/page-session-removal';
import { UserChange } from '#application/accounts/user-change';
import { UserRegistration } from '#application/accounts/user-registration';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { BillingPeriodReset } from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import type { Role } from '#domain/accounts/role';
import { User, type UserId } from '#domain/accounts/user';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { ApiKeySettings, HmacApiKeys } from '#infrastructure/accounts/hmac-api-keys';
import { HmacPageSecrets } from '#infrastructure/accounts/hmac-page-secrets';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { InMemoryDeviceRepository } from './fakes/in-memory-device-repository.js';
import { InMemoryHoldRepository } from './fakes/in-memory-hold-repository.js';
import { InMemoryPageSessionRepository } from './fakes/in-memory-page-session-repository.js';
import { InMemoryPeriodResetRepository } from './fakes/in-memory-period-reset-repository.js';
import { InMemoryTransaction } from './fakes/in-memory-transaction.js';
import { InMemoryUserRepository } from './fakes/in-memory-user-repository.js';
import { ManualClock } from './fakes/manual-clock.js';
import { InMemorySubscriptionRepository } from './fakes/in-memory-subscription-repository.js';
import { RecordingJobQueue } from './fakes/recording-job-queue.js';
import { RecordingAuditLog } from './fakes/recording-audit-log.js';
import { SequentialIds } from './fakes/sequential-ids.js';

const KEYS = new ApiKeySettings('a pepper for tests alone', 'test');

/** Remembers for ever, so that a test sees who forgot to clear it. */
export class LastingCallerCache implements CallerCache {
  private readonly callers = new Map<string, Caller>();

  get(keyHash: string): Caller | null {
    return this.callers.get(keyHash) ?? null;
  }

  set(keyHash: string, caller: Caller): void {
    this.callers.set(keyHash, caller);
  }

  clear(): void {
    this.callers.clear();
  }
}

/** Tokens of a provider that a test speaks for: `token for <user id>`. */
export class SpokenAccessTokens implements AccessTokens {
  outage: Error | null = null;

  async subjectOf(token: string): Promise<UserId | null> {
    if (this.outage) throw this.outage;
    return token.startsWith('token for ') ? (token.slice('token for '.length) as UserId) : null;
  }
}

/** Accounts in memory: everything but the storage is real. */
export class AccountsInMemory {
  readonly transaction = new InMemoryTransaction(true);
  readonly clock = new ManualClock('2026-03-10T12:00:00.000Z');
  readonly ids = new SequentialIds();
  readonly users = new InMemoryUserRepository(this.transaction);
  readonly devices = new InMemoryDeviceRepository(this.transaction);
  readonly holds = new InMemoryHoldRepository(this.transaction);
  readonly resets = new InMemoryPeriodResetRepository(this.transaction);
  readonly audit = new RecordingAuditLog(this.transaction);
  readonly plans = new FixedPlanCatalog(DEFAULT_CATALOG);
  readonly keys = new HmacApiKeys(KEYS);
  readonly pageSecrets = new HmacPageSecrets(KEYS);
  readonly pageSessions = new InMemoryPageSessionRepository(this.transaction, this.users, this.devices);
  readonly tokens = new SpokenAccessTokens();
  readonly callers = new LastingCallerCache();

  readonly authentication = new Authentication(
    this.keys,
    this.tokens,
    this.devices,
    this.users,
    this.callers,
    this.clock,
    this.pageSecrets,
    this.pageSessions,
  );
  readonly pageSessionCreation = new PageSessionCreation(
    this.users,
    this.pageSessions,
    this.pageSecrets,
    new CheckoutSettings('https://billing.example.com', ['https://app.example.com']),
    this.audit,
    this.transaction,
    this.clock,
    this.ids,
  );
  readonly pageSessionOpening = new PageSessionOpening(this.pageSessions, this.users, this.pageSecrets, this.clock);
  readonly pageSessionEnd = new PageSessionEnd(
    this.pageSessions,
    this.pageSecrets,
    this.callers,
    this.transaction,
    this.clock,
  );
  readonly pageSessionClosing = new PageSessionClosing(
    ...([this.users, this.pageSessions, this.audit, this.callers, this.transaction, this.clock] as const),
  );
  readonly pageSessionRemoval = new PageSessionRemoval(this.pageSessions, this.clock);
  readonly userRegistration = new UserRegistration(
    this.users,
    this.plans,
    this.audit,
    this.transaction,
    this.clock,
    this.ids,
  );
  readonly jobs = new RecordingJobQueue(this.transaction);
  readonly subscriptions = new InMemorySubscriptionRepository(this.transaction);
  readonly userChange = new UserChange(
    ...([this.users, this.plans, this.audit, this.callers, this.transaction, this.clock, this.jobs] as const),
  );
  readonly deviceRegistration = new DeviceRegistration(
    this.users,
    this.devices,
    this.plans,
    this.keys,
    this.transaction,
    this.clock,
    this.ids,
    this.audit,
  );
  readonly deviceRevocation = new DeviceRevocation(this.devices, this.callers, this.transaction, this.clock);
  readonly getProfile = new GetProfile(this.users, this.plans, this.clock);
  readonly getAccount = new GetAccount(this.users, this.plans, this.holds, this.devices, this.clock);
  readonly listDevices = new ListDevices(this.devices);
  readonly listUsers = new ListUsers(this.users);
  readonly listAuditLog = new ListAuditLog(this.audit);
  readonly periodReset = new BillingPeriodReset(
    this.users,
    this.holds,
    this.resets,
    this.audit,
    this.transaction,
    this.clock,
    this.ids,
  );
  readonly periodResetUndo = new BillingPeriodResetUndo(
    this.users,
    this.holds,
    this.resets,
    this.audit,
    this.transaction,
    this.clock,
  );

  async givenUser(
    given: { plan?: PlanName; role?: Role; email?: string; name?: string; id?: UserId } = {},
  ): Promise<User> {
    const { plan = 'free', role = 'user', name = 'Ada', id = this.ids.next<'User'>() } = given;
    const { email = `${id}@example.com` } = given;
    const user = User.register({ id, email, name, role, plan }, this.clock.now());
    await this.transaction.run(() => this.users.add(user));
    return user;
  }
}
