import type { UserId } from '#domain/accounts/user';
import { SubscriptionCheckouts } from '#domain/billing/subscription-checkouts';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { SubscriptionGateway } from './subscription-gateway.js';

/** Closes the open checkout of a user who shall not subscribe any more. One that was paid meanwhile is brought home as any other. */
@UseCase()
export class CheckoutClosing {
  constructor(
    private readonly checkouts: SubscriptionCheckouts,
    private readonly gateway: SubscriptionGateway,
    private readonly transaction: Transaction,
  ) {}

  /** Never inside a transaction. Throws PaymentProviderUnavailable. */
  async execute(userId: UserId): Promise<void> {
    for (const { id, state, sessionId, gateway } of await this.checkouts.listOf(userId)) {
      if (state !== 'open' || sessionId === null || gateway !== this.gateway.name) continue;
      const session = await this.gateway.expireCheckout(sessionId);
      if (session.state === 'open') continue;
      const closed = session.state;
      await this.transaction.run(async () => {
        const held = await this.checkouts.hold(id);
        if (held.state === 'open') await this.checkouts.save(held.closed(closed));
      });
    }
  }
}
