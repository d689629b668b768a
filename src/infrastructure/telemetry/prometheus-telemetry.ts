import { injectable } from 'inversify';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Telemetry } from '#application/ports/telemetry';

/** An answer of this service takes milliseconds; what takes longer than five seconds is lost to its caller anyway. */
const ANSWER_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** A hold lives as long as a transcription: seconds, or up to its two hours. */
const HOLD_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 900];

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

  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
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
