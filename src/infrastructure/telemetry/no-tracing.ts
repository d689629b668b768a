import type { Span, Tracing } from '#application/ports/tracing';

const NOTHING: Span = Object.freeze({ child: () => NOTHING, set: () => undefined, end: () => undefined });

/** Traces nothing, at no cost. */
export class NoTracing implements Tracing {
  begin(): Span {
    return NOTHING;
  }
}
