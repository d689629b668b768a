import { SubscriptionCensus } from '../billing/subscription-census.js';
import { Outages } from '../ports/outages.js';
import { Telemetry } from '../ports/telemetry.js';
import { UseCase } from '../use-case.js';

/** Everything that is counted, with what only the tables know. */
@UseCase()
export class MetricsExposition {
  constructor(
    private readonly telemetry: Telemetry,
    private readonly census: SubscriptionCensus,
    private readonly outages: Outages,
  ) {}

  /** Without a database what it knows is left out, and everything else is shown: nobody needs it more than then. */
  async execute(): Promise<{ readonly contentType: string; readonly text: string }> {
    try {
      const [subscriptions, invoices] = [await this.census.countByStatus(), await this.census.countInvoiceOutcomes()];
      this.telemetry.billingCounted({ subscriptions, invoices });
    } catch (error) {
      if (!this.outages.recognise(error)) throw error;
      this.telemetry.billingCounted({ subscriptions: {}, invoices: {} });
    }
    return this.telemetry.exposition();
  }
}
