import { AuditLog } from '#domain/accounts/audit-log';
import { Device, DeviceRepository } from '#domain/accounts/device';
import { PageMintsNoOperatorKey, type PageSession } from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { ApiKeys } from './api-keys.js';
import type { Operator } from './user-change.js';

/** Gives a user one more named API key, as far as the plan allows. The key is in the answer and nowhere else. */
@UseCase()
export class DeviceRegistration {
  constructor(
    private readonly users: UserRepository,
    private readonly devices: DeviceRepository,
    private readonly plans: PlanCatalog,
    private readonly keys: ApiKeys,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Throws UserNotFound, LimitExceeded, DeviceNameTaken and PageMintsNoOperatorKey. An `operator` who does it for somebody else leaves
   * an audit entry, and so does whoever began the `page` session of somebody else by which it is done; null is the user.
   */
  execute(
    userId: UserId,
    name: string,
    operator: Operator | null = null,
    page: PageSession | null = null,
  ): Promise<{ readonly device: Device; readonly secret: string }> {
    return this.transaction.run(async () => {
      const user = await this.users.hold(userId);
      if (page && user.role === 'admin') throw new PageMintsNoOperatorKey(userId);
      this.plans.get(user.plan).limits.admitDevice(await this.devices.countActive(userId));

      const { secret, hash, prefix, lastFour } = this.keys.mint();
      const device = new Device(this.ids.next(), userId, name, hash, prefix, lastFour, this.clock.now(), null, null);
      await this.devices.add(device);
      const doer = operator ?? (page?.isOfSomebodyElse ? { actor: page.createdBy, reason: null } : null);
      if (doer) {
        const by = page ? { page_session_id: page.id } : {};
        const after = { device_id: device.id, name, last_four: lastFour, ...by };
        await this.audit.append({ ...doer, action: 'device.create', userId, before: null, after });
      }
      return { device, secret };
    });
  }
}
