import { SpanStatusCode, trace } from '@opentelemetry/api';
import { NoTracing } from '#infrastructure/telemetry/no-tracing';
import { OpenTelemetryTracing } from '#infrastructure/telemetry/open-telemetry-tracing';
import { findParent } from '#infrastructure/telemetry/traceparent';
import { Collector } from '#test/support/collector';
import { RecordingLog } from '#test/support/fakes/recording-log';

const THEIRS = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const SAMPLED = `00-${THEIRS.trace}-${THEIRS.span}-01`;

describe('tracing by OpenTelemetry', () => {
  let collector: Collector;
  const log = new RecordingLog();

  beforeEach(async () => {
    collector = await Collector.start();
    log.lines.length = 0;
  });
  afterEach(() => collector.close());

  const start = (endpoint = collector.endpoint, headers: Readonly<Record<string, string>> = {}) =>
    OpenTelemetryTracing.start({ endpoint, headers, serviceName: 'minutes', serviceVersion: '1.2.3' }, log);

  /** One span with a traceparent, as it reached the collector. */
  const collected = async (traceparent: string | null) => {
    const tracing = await start();
    tracing.begin('request', {}, traceparent).end();
    await tracing.shutdown();
    return collector.spans[0] ?? null;
  };

  it('makes one trace of a request and its parts', async () => {
    const tracing = await start();
    const request = tracing.begin('chat gpt-4o-mini', { 'gen_ai.operation.name': 'chat' }, null);
    const attempt = request.child('provider openai', { 'gen_ai.request.model': 'gpt-4o-mini' });
    attempt.child('connect').end();
    attempt.end();
    request.set({ 'gen_ai.usage.input_tokens': 12, 'minutebook.streamed': true });
    request.end();
    await tracing.shutdown();

    const root = collector.span('chat gpt-4o-mini');
    const part = collector.span('provider openai');
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect([root.parentSpanId, part.parentSpanId, collector.span('connect').parentSpanId]).toEqual([
      null,
      root.spanId,
      part.spanId,
    ]);
    expect(root.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 12,
      'minutebook.streamed': true,
    });
    expect(part.attributes).toEqual({ 'gen_ai.request.model': 'gpt-4o-mini' });
    expect(root.status.code).toBe(SpanStatusCode.UNSET);
    expect(root.resource).toMatchObject({ 'service.name': 'minutes', 'service.version': '1.2.3' });
  });

  it('gives every request a trace of its own', async () => {
    const tracing = await start();
    tracing.begin('one', {}, null).end();
    tracing.begin('other', {}, null).end();
    await tracing.shutdown();
    expect(collector.span('one').traceId).not.toBe(collector.span('other').traceId);
  });

  it('continues the trace of a caller that sends its own', async () => {
    const span = await collected(SAMPLED);
    expect([span?.traceId, span?.parentSpanId]).toEqual([THEIRS.trace, THEIRS.span]);
    const ofALaterVersion = await collected(`01-${THEIRS.trace}-${THEIRS.span}-01-more`);
    expect(ofALaterVersion?.traceId).toBe(THEIRS.trace);
  });

  it.each([
    ['nothing', ''],
    ['something else', 'yes'],
    ['no trace', `00-${'0'.repeat(32)}-${THEIRS.span}-01`],
    ['no span', `00-${THEIRS.trace}-${'0'.repeat(16)}-01`],
    ['capitals', SAMPLED.toUpperCase()],
    ['more than its version has', `${SAMPLED}-more`],
    ['the version that is none', SAMPLED.replace('00', 'ff')],
    ['two of them', `${SAMPLED}, ${SAMPLED}`],
  ])('begins a trace of its own when the header says %s', async (_, traceparent) => {
    expect(findParent(traceparent)).toBeNull();
    const span = await collected(traceparent);
    expect(span?.traceId).toMatch(/^[\da-f]{32}$/);
    expect([span?.traceId === THEIRS.trace, span?.parentSpanId]).toEqual([false, null]);
  });

  it('follows a caller that does not sample its trace', async () => {
    expect(await collected(SAMPLED.replace(/01$/, '00'))).toBeNull();
  });

  it('marks what failed, by type and message, and keeps stacks and secrets to itself', async () => {
    class KeyRefused extends Error {}
    const tracing = await start();
    tracing.begin('failed', {}, null).end(new KeyRefused('Incorrect API key: sk-abcdefgh12345678'));
    tracing.begin('unreachable', {}, null).end(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    tracing.begin('odd', {}, null).end(null);
    await tracing.shutdown();

    const { status, attributes, events } = collector.span('failed');
    const message = 'Incorrect API key: sk-[redacted]';
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(attributes).toEqual({ 'error.type': 'KeyRefused' });
    expect(events).toEqual([
      { name: 'exception', attributes: { 'exception.type': 'KeyRefused', 'exception.message': message } },
    ]);
    expect(collector.span('unreachable').attributes).toEqual({ 'error.type': 'ECONNREFUSED' });
    expect(collector.span('odd').status).toEqual({ code: SpanStatusCode.ERROR, message: 'null' });
  });

  it.each(['', '/', '/otlp', '/otlp/'])('posts to the path of traces below the endpoint %s', async (path) => {
    const tracing = await start(`${collector.endpoint}${path}`, { authorization: 'Basic abc' });
    tracing.begin('request', {}, null).end();
    await tracing.shutdown();
    const [post] = collector.posts;
    expect(post?.path).toBe(`${path.replace(/\/$/, '')}/v1/traces`);
    expect(post?.headers).toMatchObject({ authorization: 'Basic abc', 'content-type': 'application/json' });
  });

  it('leaves the process’s own tracer alone', async () => {
    const tracing = await start();
    expect(trace.getTracer('any').startSpan('other').isRecording()).toBe(false);
    await tracing.shutdown();
  });

  it('goes on, and says so, when the collector refuses', async () => {
    const refusing = await Collector.start(403);
    try {
      const tracing = await start(refusing.endpoint.replace('://', '://me:secret@'));
      tracing.begin('one', {}, null).end();
      tracing.begin('other', {}, null).end();
      await tracing.shutdown();
      const fields = { endpoint: `${refusing.endpoint}/v1/traces`, lost_spans: 2, reason: 'Forbidden' };
      expect(log.lines).toEqual([expect.objectContaining({ level: 'warn', fields })]);
    } finally {
      await refusing.close();
    }
  });

  it('neither throws nor blocks when the collector is down', async () => {
    await collector.close();
    const tracing = await withTimeout(500, start);
    const request = tracing.begin('request', {}, null);
    request.child('part').end(new Error('failed'));
    request.end();
    await tracing.shutdown();
    expect(log.lines).toEqual([expect.objectContaining({ message: 'Traces do not reach the collector.' })]);
    expect(log.lines[0]?.fields).toMatchObject({
      lost_spans: 2,
      reason: expect.stringMatching(/ECONNREFUSED/) as string,
    });

    request.set({ late: true });
    tracing.begin('late', {}, null).child('later').end();
    await tracing.shutdown();
  });

  it('waits for a silent collector for two seconds, and not as long as it may take', async () => {
    const silent = await Collector.start(null);
    const tracing = await withTimeout(2500, () => start(silent.endpoint));
    tracing.begin('request', {}, null).end();
    await tracing.shutdown();
    expect(log.lines).toEqual([
      expect.objectContaining({ message: 'The collector did not take the last traces in time.' }),
    ]);
    await silent.close();
  });
});

/** With the exporter's own setting of how long it tries for. */
async function withTimeout<T>(ms: number, start: () => Promise<T>): Promise<T> {
  process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = String(ms);
  try {
    return await start();
  } finally {
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
  }
}

describe('tracing nothing', () => {
  it('has one span for everything', () => {
    const tracing = new NoTracing();
    const span = tracing.begin();
    expect([span.child('part'), tracing.begin()]).toEqual([span, span]);
    expect(span.child('part')).toBe(span);
    expect(Object.isFrozen(span)).toBe(true);
    expect(() => {
      span.set({ any: 1 });
      span.end(new Error('any'));
      span.end();
    }).not.toThrow();
  });
});
