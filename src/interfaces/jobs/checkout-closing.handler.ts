import { injectable } from 'inversify';
import { CheckoutClosing } from '#application/billing/checkout-closing';
import type { JobHandler } from '#application/ports/job-handler';
import type { UserId } from '#domain/accounts/user';

/** After a suspension: nobody pays for what cannot be used. */
@injectable()
export class CheckoutClosingHandler implements JobHandler {
  readonly task = 'close_checkouts';
  readonly schedule = null;

  constructor(private readonly closing: CheckoutClosing) {}

  async handle(payload: unknown): Promise<void> {
    const { userId } = (payload ?? {}) as { readonly userId?: unknown };
    if (typeof userId !== 'string') throw new Error('A job to close checkouts names no user.');
    await this.closing.execute(userId as UserId);
  }
}
