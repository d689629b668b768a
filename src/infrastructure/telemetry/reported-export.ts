import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Log } from '#application/ports/log';

const REPORTED_EVERY_MS = 60_000;

type Outcome = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** `ExportResultCode.SUCCESS` of a package that comes with the exporter, and is not ours to import. */
const SUCCESS: Outcome['code'] = 0;

/** An exporter whose failures are logged: the first at once, the next ones together, once a minute at most. */
export class ReportedExport implements SpanExporter {
  private lostSpans = 0;
  private reportedAt = -Infinity;

  /** `endpoint` is named in the log; `millis` is a clock that never goes back. */
  constructor(
    private readonly exporter: SpanExporter,
    private readonly endpoint: string,
    private readonly log: Log,
    private readonly millis: () => number = () => performance.now(),
  ) {}

  export(spans: ReadableSpan[], done: (outcome: Outcome) => void): void {
    this.exporter.export(spans, (outcome) => {
      if (outcome.code !== SUCCESS) this.lost(spans.length, outcome.error);
      done(outcome);
    });
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  private lost(spans: number, error: Error | undefined): void {
    this.lostSpans += spans;
    if (this.millis() - this.reportedAt < REPORTED_EVERY_MS) return;
    const reason = error?.message || 'The collector did not say why.';
    this.log.warn(
      { endpoint: this.endpoint, lost_spans: this.lostSpans, reason },
      'Traces do not reach the collector.',
    );
    this.reportedAt = this.millis();
    this.lostSpans = 0;
  }
}
