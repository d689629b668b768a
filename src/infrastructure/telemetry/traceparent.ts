import type { SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const FIRST_VERSION = '00';
const SAMPLED = 1;

/**
 * The caller's span, by its header (https://www.w3.org/TR/trace-context/#traceparent-header); null when it is not one. Versions
 * to come may append to it, the first may not.
 */
export function findParent(traceparent: string | null): SpanContext | null {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent?.trim() ?? '') ?? [];
  if (!traceId || !spanId || !flags || (version === FIRST_VERSION && more !== undefined)) return null;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & SAMPLED, isRemote: true };
}
