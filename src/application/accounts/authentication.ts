import { DeviceRepository, type DeviceId } from '#domain/accounts/device';
import type { Role } from '#domain/accounts/role';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound, UserRepository } from '#domain/accounts/user-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { ApiKeys } from './api-keys.js';
import { AccessTokens } from './access-tokens.js';
import { CallerCache } from './caller-cache.js';

/** Who is asking, as far as a request needs to know. */
export interface Caller {
  readonly userId: UserId;
  readonly role: Role;
  /** The API key that was used; null for an access token of the product's own identity provider. */
  readonly deviceId: DeviceId | null;
}

/** Turns what a request presents into a caller. */
@UseCase()
export class Authentication {
  constructor(
    private readonly keys: ApiKeys,
    private readonly tokens: AccessTokens,
    private readonly devices: DeviceRepository,
    private readonly users: UserRepository,
    private readonly callers: CallerCache,
    private readonly clock: Clock,
  ) {}

  /**
   * The caller that a bearer credential stands for, or null when it stands for nobody. A warm key is answered from
   * memory for less than a second, which is how long a revoked one can still be used.
   * Throws UserSuspended and IdentityProviderUnavailable.
   */
  async execute(credential: string): Promise<Caller | null> {
    const known = this.callers.get(credential);
    if (known) return known;
    const hash = this.keys.hashOf(credential);
    if (hash === null) return this.byToken(credential);
    const device = await this.devices.findActiveByHash(hash, this.clock.now());
    if (!device) return null;
    const caller = await this.callerFor(device.userId, device.id);
    this.callers.set(credential, caller);
    return caller;
  }

  private async byToken(credential: string): Promise<Caller | null> {
    const userId = await this.tokens.subjectOf(credential);
    if (userId === null) return null;
    try {
      return await this.callerFor(userId, null);
    } catch (error) {
      // The identity provider knows somebody whom nobody registered here: to us that is nobody.
      if (error instanceof UserNotFound) return null;
      throw error;
    }
  }

  private async callerFor(userId: UserId, deviceId: DeviceId | null): Promise<Caller> {
    const user = await this.users.get(userId);
    user.mustBeActive();
    return { userId, role: user.role, deviceId };
  }
}
