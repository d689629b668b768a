import { UseCase } from '../use-case.js';
import { PaymentEventIntake } from './payment-event-intake.js';
import { CheckoutNotFound, PaymentGateway } from './payment-gateway.js';
import { type SandboxCheckout, type SandboxDeed, SandboxDesk } from './sandbox-desk.js';

/** Plays buyer, bank and operator at a checkout of the sandbox. There is nothing to play at when payments are real. */
@UseCase()
export class SandboxPayment {
  constructor(
    private readonly desk: SandboxDesk,
    private readonly gateway: PaymentGateway,
    private readonly intake: PaymentEventIntake,
  ) {}

  /** Throws CheckoutNotFound. */
  show(checkoutId: string): Promise<SandboxCheckout> {
    this.mustBeSandbox(checkoutId);
    return this.desk.show(checkoutId);
  }

  /** Does it, and delivers the notice as a provider would. Throws CheckoutNotFound and SandboxDeedRefused. */
  async act(checkoutId: string, deed: SandboxDeed): Promise<SandboxCheckout> {
    this.mustBeSandbox(checkoutId);
    await this.intake.execute(await this.desk.act(checkoutId, deed));
    return this.desk.show(checkoutId);
  }

  private mustBeSandbox(checkoutId: string): void {
    if (this.gateway.name !== 'sandbox') throw new CheckoutNotFound(checkoutId);
  }
}
