import { injectable } from 'inversify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AiRequestEnd, BillingCounts, Telemetry } from '#application/ports/telemetry';
import type { PlanName } from '#domain/plans/plan-name';

/** An answer of this service takes milliseconds; what takes longer than five seconds is lost to its caller anyway. */
const ANSWER_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** A hold lives as long as a transcription: seconds, or up to its two hours. */
const HOLD_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
/** From a cached word to a long stream. */
const AI_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 900];

/** Providers deliver within seconds, and again for three days. */
const LAG_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 259_200];

/** Anything else that HTTP parsers let through is one label: labels are for the methods that we answer. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Counts in memory, in a registry of its own. Every label has a bound: routes are patterns, limits and outcomes are
 * codes, providers and plans are configured. One observation takes half a microsecond, so nothing is sampled.
 */
@injectable()
export class PrometheusTelemetry implements Telemetry {
  private readonly registry = new Registry();

  private readonly httpSeconds = this.histogram(
    'http_request_duration_seconds',
    'From the first byte of a request to the end of its answer.',
    ['method', 'route', 'status'],
    ANSWER_SECONDS,
  );
  private readonly sessions = this.counter('sessions_created_total', 'Sessions created.', ['plan']);
  private readonly refusals = this.counter('limit_refusals_total', 'Requests that a limit refused.', ['limit']);
  private readonly transcriptions = this.counter('transcriptions_started_total', 'Transcriptions started.', [
    'provider',
    'type',
  ]);
  private readonly transcribed = this.counter(
    'transcription_seconds_total',
    'Seconds of audio in transcriptions that ended.',
    ['provider', 'outcome'],
  );
  private readonly holdSeconds = this.histogram(
    'usage_hold_seconds',
    'From the placing of a hold to its end.',
    ['state'],
    HOLD_SECONDS,
  );
  private readonly jobSeconds = this.histogram(
    'job_duration_seconds',
    'Duration of one run of a job.',
    ['task', 'outcome'],
    JOB_SECONDS,
  );
  private readonly paymentEvents = this.counter(
    'payment_events_total',
    'Events of payment providers that came to their end.',
    ['outcome'],
  );

  private readonly checkouts = this.counter('miniapp_checkout_start_total', 'Checkouts of subscriptions opened.', [
    'plan',
  ]);
  private readonly portals = this.counter('miniapp_portal_open_total', 'Portals for customers opened.', []);

  private readonly paymentEventLagSeconds = this.histogram(
    'payment_event_lag_seconds',
    'From the making of an event by its payment provider to its being applied.',
    [],
    LAG_SECONDS,
  );
  private readonly webhookRefusals = this.counter(
    'webhook_signature_failures_total',
    'Messages to the webhook without a valid signature.',
    [],
  );
  private readonly webhookRepeats = this.counter(
    'webhook_replays_blocked_total',
    'Messages to the webhook that were delivered before, and did nothing.',
    [],
  );
  private readonly subscriptions = this.gauge(
    'minutebook_subscriptions',
    'Subscriptions by status, as the tables have them.',
    ['status'],
  );
  private readonly invoices = this.counter(
    'minutebook_invoices_total',
    'Invoices, once for each outcome, as the tables have them: the same in every process.',
    ['outcome'],
  );

  private readonly aiRequests = this.counter(
    'ai_requests_total',
    'Requests to the AI gateway that came to their end after a provider was asked.',
    ['provider', 'model', 'outcome'],
  );
  private readonly aiRefusals = this.counter(
    'ai_requests_refused_total',
    'Requests to the AI gateway that were refused before any provider was asked.',
    ['endpoint', 'code'],
  );
  private readonly aiTokens = this.counter('ai_tokens_total', 'Tokens in and out of AI providers.', [
    'provider',
    'model',
    'direction',
  ]);
  private readonly aiCost = this.counter('ai_cost_micros_total', 'What callers paid for AI requests, in micro-USD.', [
    'provider',
    'model',
  ]);
  private readonly aiFirstByteSeconds = this.histogram(
    'ai_first_byte_seconds',
    'From an AI request to the first byte of its answer.',
    ['provider', 'model'],
    AI_SECONDS,
  );
  private readonly aiSeconds = this.histogram(
    'ai_request_duration_seconds',
    'From an AI request to the end of its answer.',
    ['provider', 'model', 'outcome'],
    AI_SECONDS,
  );
  private readonly aiFaults = this.counter('ai_provider_failures_total', 'Failures of AI providers.', [
    'provider',
    'fault',
  ]);
  private readonly circuits = this.gauge(
    'ai_circuit_state',
    'Circuits of AI providers: 0 closed, 1 half open, 2 open.',
    ['key'],
  );
  private readonly aiHolds = this.gauge('ai_holds_open', 'Holds of this process that await their settlement.', []);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  sessionCreated(plan: string): void {
    this.sessions.inc({ plan });
  }

  limitRefused(limit: string): void {
    this.refusals.inc({ limit });
  }

  transcriptionStarted(provider: string, type: string): void {
    this.transcriptions.inc({ provider, type });
  }

  transcriptionFinished(provider: string, outcome: string, seconds: number): void {
    this.transcribed.inc({ provider, outcome }, seconds);
  }

  holdClosed(state: string, seconds: number): void {
    this.holdSeconds.observe({ state }, seconds);
  }

  httpAnswered(method: string, route: string, status: number, seconds: number): void {
    this.httpSeconds.observe({ method: METHODS.has(method) ? method : 'other', route, status }, seconds);
  }

  jobRan(task: string, outcome: 'done' | 'failed', seconds: number): void {
    this.jobSeconds.observe({ task, outcome }, seconds);
  }

  paymentEventClosed(outcome: 'applied' | 'ignored' | 'dead'): void {
    this.paymentEvents.inc({ outcome });
  }

  checkoutStarted(plan: PlanName): void {
    this.checkouts.inc({ plan });
  }

  portalOpened(): void {
    this.portals.inc();
  }

  paymentEventLag(seconds: number): void {
    this.paymentEventLagSeconds.observe(Math.max(0, seconds));
  }

  webhookRefused(): void {
    this.webhookRefusals.inc();
  }

  webhookRepeated(): void {
    this.webhookRepeats.inc();
  }

  billingCounted({ subscriptions, invoices }: BillingCounts): void {
    this.subscriptions.reset();
    for (const [status, count] of Object.entries(subscriptions)) this.subscriptions.set({ status }, count);
    this.invoices.reset();
    for (const [outcome, count] of Object.entries(invoices)) this.invoices.inc({ outcome }, count);
  }

  aiRequestEnded(end: AiRequestEnd): void {
    const { model, outcome, firstByteSeconds, seconds, inputTokens, outputTokens, costMicros } = end;
    const provider = end.provider ?? 'none';
    this.aiRequests.inc({ provider, model, outcome });
    this.aiSeconds.observe({ provider, model, outcome }, seconds);
    if (firstByteSeconds !== null) this.aiFirstByteSeconds.observe({ provider, model }, firstByteSeconds);
    if (inputTokens > 0) this.aiTokens.inc({ provider, model, direction: 'in' }, inputTokens);
    if (outputTokens > 0) this.aiTokens.inc({ provider, model, direction: 'out' }, outputTokens);
    if (costMicros > 0) this.aiCost.inc({ provider, model }, costMicros);
  }

  aiRequestRefused(endpoint: string, code: string): void {
    this.aiRefusals.inc({ endpoint, code });
  }

  aiProviderFailed(provider: string, fault: string): void {
    this.aiFaults.inc({ provider, fault });
  }

  circuitChanged(key: string, state: 'closed' | 'open' | 'half_open'): void {
    this.circuits.set({ key }, { closed: 0, half_open: 1, open: 2 }[state]);
  }

  aiHoldsOpen(change: 1 | -1): void {
    this.aiHolds.inc(change);
  }

  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
