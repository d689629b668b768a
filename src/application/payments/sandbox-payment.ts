import { UseCase } from '../use-case.js';
import { PaymentEventIntake } from './payment-event-intake.js';
import { CheckoutNotFound, PaymentGateway } from './payment-gateway.js';
import { PaymentSynchronisation } from './payment-synchronisation.js';
import { type SandboxCheckout, type SandboxDeed, SandboxDesk } from './sandbox-desk.js';

/** Plays buyer, bank and operator at a checkout of the sandbox. There is nothing to play at when payments are real. */
@UseCase()
export class SandboxPayment {
  constructor(
    private readonly desk: SandboxDesk,
    private readonly gateway: PaymentGateway,
    private readonly intake: PaymentEventIntake,
    private readonly synchronisation: PaymentSynchronisation,
  ) {}

  /** Throws CheckoutNotFound. */
  show(checkoutId: string): Promise<SandboxCheckout> {
    this.mustBeSandbox(checkoutId);
    return this.desk.show(checkoutId);
  }

  /**
   * Does it, delivers the notice as a provider would, and books what came of it. Throws CheckoutNotFound and SandboxDeedRefused.
   */
  async act(checkoutId: string, deed: SandboxDeed): Promise<SandboxCheckout> {
    this.mustBeSandbox(checkoutId);
    await this.intake.execute(await this.desk.act(checkoutId, deed));
    // Before the buyer is sent back: what was paid is booked then.
    const { paymentId } = await this.gateway.getCheckout(checkoutId);
    if (paymentId !== null) {
      await this.synchronisation.execute(paymentId, () => this.gateway.getCheckout(checkoutId));
    }
    return this.desk.show(checkoutId);
  }

  private mustBeSandbox(checkoutId: string): void {
    if (this.gateway.name !== 'sandbox') throw new CheckoutNotFound(checkoutId);
  }
}
