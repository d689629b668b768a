import type { PlanName } from '#domain/plans/plan-name';

/** One request to the AI gateway that came to its end after a provider was asked. */
export interface AiRequestEnd {
  /** Null when nobody answered. */
  readonly provider: string | null;
  /** As the catalogue names it. */
  readonly model: string;
  /** `completed`, `cut_short`, `client_gone`, … */
  readonly outcome: string;
  /** From the request to the first byte for the caller; null when there was none. */
  readonly firstByteSeconds: number | null;
  readonly seconds: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the caller paid. */
  readonly costMicros: number;
}

/** Subscriptions by status, and invoices once for each outcome. */
export interface BillingCounts {
  readonly subscriptions: Readonly<Record<string, number>>;
  readonly invoices: Readonly<Record<string, number>>;
}

/** What the product counts about itself. Counting never fails a request and never decides anything. */
export abstract class Telemetry {
  abstract sessionCreated(plan: string): void;
  /** `limit` is the refusal's code. */
  abstract limitRefused(limit: string): void;
  abstract transcriptionStarted(provider: string, type: string): void;
  abstract transcriptionFinished(provider: string, outcome: string, seconds: number): void;
  /** From the placing of a hold to its end. */
  abstract holdClosed(state: string, seconds: number): void;
  /** `route` is the pattern, not the address: addresses have no bound. */
  abstract httpAnswered(method: string, route: string, status: number, seconds: number): void;
  abstract jobRan(task: string, outcome: 'done' | 'failed', seconds: number): void;
  /** An event of a payment provider came to its end. */
  abstract paymentEventClosed(outcome: 'applied' | 'ignored' | 'dead'): void;
  /** A checkout of a subscription was opened for somebody. `plan` is one of the catalogue's. */
  abstract checkoutStarted(plan: PlanName): void;
  abstract portalOpened(): void;
  /** A kept event was applied: from its making by the provider to now. */
  abstract paymentEventLag(seconds: number): void;
  /** A message that says it is a provider's, without a valid signature. */
  abstract webhookRefused(): void;
  /** A message that was delivered before, and did nothing. */
  abstract webhookRepeated(): void;
  /** As the tables have them now: what was counted before is replaced. */
  abstract billingCounted(counts: BillingCounts): void;
  abstract aiRequestEnded(end: AiRequestEnd): void;
  /** A request that was refused before any provider was asked. */
  abstract aiRequestRefused(endpoint: string, code: string): void;
  /** A provider failed, whatever came next. */
  abstract aiProviderFailed(provider: string, fault: string): void;
  /** `key` is a provider, or `provider/model`. */
  abstract circuitChanged(key: string, state: 'closed' | 'open' | 'half_open'): void;
  /** Holds of this process that await their settlement: +1 when one is placed, -1 when it is closed. */
  abstract aiHoldsOpen(change: 1 | -1): void;
  /** Everything counted so far, in the Prometheus text format, and the content type to serve it with. */
  abstract exposition(): Promise<{ readonly contentType: string; readonly text: string }>;
}
