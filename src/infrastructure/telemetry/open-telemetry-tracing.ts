import { inspect } from 'node:util';
import type * as OpenTelemetry from '@opentelemetry/api';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Log } from '#application/ports/log';
import type { Span, SpanAttributes, Tracing } from '#application/ports/tracing';
import { redacted } from './redaction.js';
import { ReportedExport } from './reported-export.js';
import { findParent } from './traceparent.js';

export interface TracingSettings {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the address without the path of a signal. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly serviceVersion: string;
}

/** A collector that is down must not hold up the end of the process. */
const LONGEST_SHUTDOWN_MS = 2000;

/**
 * Traces to an OpenTelemetry collector, by OTLP over HTTP (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Spans
 * are sent in the background, some at a time; those that cannot be sent are dropped and logged. The packages' own settings
 * hold (OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_EXPORTER_OTLP_TIMEOUT); a caller that does not sample its trace is followed.
 */
export class OpenTelemetryTracing implements Tracing {
  private constructor(
    private readonly api: typeof OpenTelemetry,
    private readonly provider: BasicTracerProvider,
    private readonly tracer: OpenTelemetry.Tracer,
    private readonly log: Log,
  ) {}

  /** Loads the packages only now: they take 19 MB and a third of a second. */
  static async start(settings: TracingSettings, log: Log): Promise<OpenTelemetryTracing> {
    const [
      api,
      { BasicTracerProvider, BatchSpanProcessor },
      { OTLPTraceExporter },
      { defaultResource, resourceFromAttributes },
    ] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    const { serviceName, serviceVersion } = settings;
    const url = tracesUrl(settings.endpoint);
    const exporter = new OTLPTraceExporter({ url: url.href, headers: { ...settings.headers } });
    const reported = new ReportedExport(exporter, url.origin + url.pathname, log);
    const provider = new BasicTracerProvider({
      resource: defaultResource().merge(
        resourceFromAttributes({ 'service.name': serviceName, 'service.version': serviceVersion }),
      ),
      spanProcessors: [new BatchSpanProcessor(reported)],
    });
    return new OpenTelemetryTracing(api, provider, provider.getTracer(serviceName, serviceVersion), log);
  }

  begin(name: string, attributes: SpanAttributes, traceparent: string | null): Span {
    const { api, tracer } = this;
    const parent = findParent(traceparent);
    const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
    const span = tracer.startSpan(name, { attributes, kind: api.SpanKind.SERVER }, context);
    return new OpenTelemetrySpan(api, tracer, context, span);
  }

  /** Sends what is left, and waits two seconds for it at most. Never rejects: what is lost is logged. */
  async shutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.log.warn({ waited_ms: LONGEST_SHUTDOWN_MS }, 'The collector did not take the last traces in time.');
        resolve();
      }, LONGEST_SHUTDOWN_MS);
    });
    // ReportedExport logged why.
    const sent = this.provider.shutdown().catch(() => undefined);
    await Promise.race([sent, patience]);
    clearTimeout(timer);
  }
}

class OpenTelemetrySpan implements Span {
  constructor(
    private readonly api: typeof OpenTelemetry,
    private readonly tracer: OpenTelemetry.Tracer,
    private readonly context: OpenTelemetry.Context,
    private readonly span: OpenTelemetry.Span,
  ) {}

  child(name: string, attributes: SpanAttributes = {}): Span {
    const context = this.api.trace.setSpan(this.context, this.span);
    return new OpenTelemetrySpan(this.api, this.tracer, context, this.tracer.startSpan(name, { attributes }, context));
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  end(error?: unknown): void {
    if (error !== undefined) this.failed(error);
    this.span.end();
  }

  /** https://opentelemetry.io/docs/specs/semconv/general/recording-errors/, without the stack. */
  private failed(error: unknown): void {
    const { type, code, message } = described(error);
    this.span.setStatus({ code: this.api.SpanStatusCode.ERROR, message });
    this.span.setAttribute('error.type', code ?? type);
    this.span.addEvent('exception', { 'exception.type': type, 'exception.message': message });
  }
}

function described(error: unknown): { readonly type: string; readonly code: string | null; readonly message: string } {
  if (!(error instanceof Error))
    return { type: typeof error, code: null, message: redacted(inspect(error, { depth: 1 })) };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name || error.name,
    code: typeof code === 'string' ? code : null,
    message: redacted(String(error.message)),
  };
}

function tracesUrl(endpoint: string): URL {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/?$/, '/v1/traces');
  return url;
}
