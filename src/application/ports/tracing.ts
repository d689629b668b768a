export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** One piece of work, with its beginning and its end. */
export interface Span {
  child(name: string, attributes?: SpanAttributes): Span;
  set(attributes: SpanAttributes): void;
  /** Marks it as failed when an error is given. Called once. */
  end(error?: unknown): void;
}

/** Distributed traces (OpenTelemetry). Tracing never fails a request and never decides anything. */
export abstract class Tracing {
  /** `traceparent` is the caller's header, if it sent one (https://www.w3.org/TR/trace-context/). */
  abstract begin(name: string, attributes: SpanAttributes, traceparent: string | null): Span;
}
