import type { Span, SpanAttributes, Tracing } from '#application/ports/tracing';

export interface FinishedSpan {
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** The name of the span it is a part of. */
  readonly parent: string | null;
  /** The caller's, of a span without a parent. */
  readonly traceparent: string | null;
  /** What it failed with; undefined when it did not. */
  readonly error: unknown;
}

/** Keeps every span that came to its end, in the order of their ends. */
export class RecordingTracing implements Tracing {
  readonly finished: FinishedSpan[] = [];
  /** Names of those that began and did not end. */
  readonly unfinished: string[] = [];

  begin(name: string, attributes: SpanAttributes, traceparent: string | null): Span {
    return this.started(name, attributes, null, traceparent);
  }

  private started(name: string, first: SpanAttributes, parent: string | null, traceparent: string | null): Span {
    let attributes = first;
    this.unfinished.push(name);
    return {
      child: (childName, childAttributes = {}) => this.started(childName, childAttributes, name, null),
      set: (more) => {
        attributes = { ...attributes, ...more };
      },
      end: (error) => {
        this.unfinished.splice(this.unfinished.indexOf(name), 1);
        this.finished.push({ name, attributes, parent, traceparent, error });
      },
    };
  }
}
