import type { JsonObject } from '#application/gateway/ai-provider';
import { errorEvent, eventsOf, messageFor, MESSAGE_TEXT, sse, TOOL_INPUT } from '#test/support/ai/anthropic-messages';
import {
  A_BODY,
  aMessagesRequest,
  AnthropicWorld,
  fault,
  heard,
  refusal,
  streamOf,
} from '#test/support/ai/anthropic-world';

let world: AnthropicWorld;

beforeEach(async () => {
  world = await AnthropicWorld.begin();
});
afterEach(() => world.end());

const BODY = { ...A_BODY, stream: true };
const STREAMED = aMessagesRequest({ body: BODY, stream: true });
const MESSAGE = messageFor({ ...BODY, model: 'claude-sonnet-4-5' });
const EVENTS = eventsOf(MESSAGE).map(sse);
const FIRST_WORDS = MESSAGE_TEXT.slice(0, 16);

/** The events of a stream, with these in place of its last two: how it stopped, and that it ended. */
const endingWith = (...events: readonly string[]) => [...EVENTS.slice(0, -2), ...events];

describe('a stream', () => {
  it('is delivered byte for byte, pings too, with what it used', async () => {
    const stream = await world.stream();
    expect(await heard(stream)).toMatchObject({ text: EVENTS.join(''), thrown: null });
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 21, output_token: 305 }, source: 'provider' });
  });

  it('delivers what has come before the rest is sent', async () => {
    world.anthropic.mode = 'pauses';
    const { pieces } = await world.stream();
    let text = '';
    for await (const piece of pieces) {
      text += Buffer.from(piece).toString('utf8');
      if (text.includes(FIRST_WORDS)) world.anthropic.goOn.give();
    }
    expect(text).toBe(EVENTS.join(''));
  });

  it('delivers whole events alone, however they come: byte by byte, or many at once', async () => {
    world.anthropic.mode = 'drips';
    const { pieces, text } = await heard(await world.stream());
    expect(text).toBe(EVENTS.join(''));
    expect(pieces.filter((piece) => !piece.endsWith('\n\n'))).toEqual([]);

    world.anthropic.mode = 'ends-early';
    world.anthropic.eventsSent = EVENTS.length;
    expect(await heard(await world.stream())).toMatchObject({ text: EVENTS.join(''), thrown: null });
  });

  it.each([
    ['CRLF', (event: string) => event.replaceAll('\n', '\r\n')],
    ['no space after its fields', (event: string) => event.replaceAll(/^(event|data): /gm, '$1:')],
    ['a comment before each name', (event: string) => `: still here\n${event}`],
    ['its data before its name', (event: string) => event.replace(/(event: .*)\n(data: .*)\n/, '$2\n$1\n')],
  ])('is understood with %s', async (_what, spelled) => {
    world.anthropic.events = EVENTS.map(spelled);
    const stream = await world.stream();
    expect(await heard(stream)).toMatchObject({ text: EVENTS.map(spelled).join(''), thrown: null });
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 21, output_token: 305 }, source: 'provider' });
  });

  it('brings tools with all of their arguments', async () => {
    const { text } = await heard(await world.stream({ tools: [{ name: 'get_weather', input_schema: {} }] }));
    const parts = [...text.matchAll(/"partial_json":("(?:[^"\\]|\\.)*")/g)].map(
      ([, json]) => JSON.parse(json!) as string,
    );
    expect(JSON.parse(parts.join(''))).toEqual(TOOL_INPUT);
  });

  it('is not taken for an error because it speaks of one', async () => {
    const text = 'event: error\ndata: {"type":"error"}\n\nevent: message_stop\n\n';
    world.anthropic.events = eventsOf({ ...MESSAGE, content: [{ type: 'text', text }] }).map(sse);
    expect(await heard(await world.stream())).toMatchObject({ text: world.anthropic.events.join(''), thrown: null });
  });

  it('counts what was read from a cache, and what was written to it for five minutes and for an hour', async () => {
    const system = [
      { type: 'text', text: 'Rules', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'More', cache_control: { type: 'ephemeral' } },
    ];
    const stream = await world.stream({ system });
    await heard(stream);
    expect(stream.usage().quantities).toEqual({
      input_token: 21,
      cached_token: 1024,
      cache_write_token: 200,
      cache_write_1h_token: 300,
      output_token: 305,
    });
  });

  it('is counted by the last of several reports, never by their sum', async () => {
    const report = (stop_reason: string | null, usage: object) =>
      sse({ type: 'message_delta', delta: { stop_reason }, usage });
    world.anthropic.events = endingWith(
      report(null, { output_tokens: 100 }),
      report('end_turn', { input_tokens: 4000, cache_read_input_tokens: null, output_tokens: 320 }),
      sse({ type: 'message_stop' }),
    );
    const stream = await world.stream();
    await heard(stream);
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 4000, output_token: 320 }, source: 'provider' });
  });

  it('is whole once message_stop has come, however the connection ends then', async () => {
    world.anthropic.mode = 'truncated';
    world.anthropic.eventsSent = EVENTS.length;
    expect(await heard(await world.stream())).toMatchObject({ text: EVENTS.join(''), thrown: null });
  });
});

describe('what belongs to a stream', () => {
  it('is what comes before its beginning, too', async () => {
    world.anthropic.mode = 'drips';
    world.anthropic.events = [': hello\n\n', sse({ type: 'ping' }), ...EVENTS];
    const { text, pieces } = await heard(await world.stream());
    expect(text).toBe(world.anthropic.events.join(''));
    expect(pieces[0]).toContain('event: message_start\n');
  });

  it('is not what comes after its end', async () => {
    world.anthropic.mode = 'pauses';
    world.anthropic.eventsSent = EVENTS.length;
    world.anthropic.events = [...EVENTS, sse({ type: 'ping' }), errorEvent('api_error', 'Internal server error')];
    const stream = await world.stream();
    world.anthropic.goOn.give();
    expect(await heard(stream)).toMatchObject({ text: EVENTS.join(''), thrown: null });
  });
});

describe('a stream that fails before its first piece', () => {
  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limited'],
    ['api_error', 'server_error'],
    ['authentication_error', 'unauthorized'],
    ['permission_error', 'forbidden'],
    ['billing_error', 'payment_required'],
    ['timeout_error', 'timeout'],
    ['an_error_of_tomorrow', 'server_error'],
  ])('because of an %s is a fault (%s), so that another provider can be asked', async (type, kind) => {
    world.anthropic.events = [errorEvent(type, 'So it is.')];
    const thrown = await fault(world.stream());
    expect(thrown.kind).toBe(kind);
    expect(thrown.message).toContain('So it is.');
  });

  it.each([
    ['invalid_request_error', 400],
    ['request_too_large', 413],
    ['not_found_error', 400],
  ])('because of an %s is a refusal of the request (%d)', async (type, status) => {
    world.anthropic.events = [errorEvent(type, 'max_tokens: too many')];
    expect(await refusal(world.stream())).toMatchObject({ status, message: 'max_tokens: too many' });
  });

  it('because of a model that is named is a fault', async () => {
    world.anthropic.events = [errorEvent('not_found_error', 'model: claude-sonnet-4-5')];
    expect((await fault(world.stream())).kind).toBe('model_not_found');
  });

  it('is one of comments without end: they are not kept for ever', async () => {
    world.anthropic.events = Array.from({ length: 20 }, () => `: ${'x'.repeat(64 * 1024)}\n\n`);
    expect(await fault(world.stream())).toMatchObject({ kind: 'invalid_answer', message: /comments and no answer/ });
  });

  it('is one that sent nothing but a ping and a comment', async () => {
    world.anthropic.events = [': hello\n\n', sse({ type: 'ping' }), errorEvent('overloaded_error', 'Overloaded')];
    expect((await fault(world.stream())).kind).toBe('overloaded');
  });

  it.each([
    ['nothing', []],
    ['a ping', [sse({ type: 'ping' })]],
    ['an end without a beginning', [sse({ type: 'message_stop' })]],
    ['half an event', ['event: message_start\ndata: {"type":']],
    ['an event that is no JSON', ['event: message_start\ndata: {"type":\n\n']],
    ['a page', ['<html><body>Welcome</body></html>']],
  ])('is an invalid answer when it is %s', async (_what, events) => {
    world.anthropic.events = events;
    expect((await fault(world.stream())).kind).toBe('invalid_answer');
  });

  it('is late when no event comes in time, headers or not', async () => {
    world.anthropic.mode = 'falls-silent';
    world.anthropic.eventsSent = 0;
    expect((await fault(world.provider({ firstByteMs: 50 }).send(STREAMED))).kind).toBe('timeout');
    await world.anthropic.hungUp.given;
  });
});

describe('a stream that stops early', () => {
  const cutShort = {
    quantities: { input_token: 21, output_token: Math.ceil(Buffer.byteLength(FIRST_WORDS) / 4) },
    source: 'estimate',
  };

  it.each([
    ['truncated', 'server_error'],
    ['ends-early', 'invalid_answer'],
  ] as const)('(%s) delivers all before it, and then throws: %s', async (mode, kind) => {
    world.anthropic.mode = mode;
    const stream = await world.stream();
    const { text, thrown } = await heard(stream);
    expect(text).toBe(EVENTS.slice(0, 4).join(''));
    expect(thrown).toMatchObject({ name: 'ProviderFault', kind });
    expect(stream.usage()).toMatchObject(cutShort);
  });

  it('does not deliver the error that ended it, and tells its kind', async () => {
    world.anthropic.events = [...EVENTS.slice(0, 4), errorEvent('overloaded_error', 'Overloaded'), ...EVENTS.slice(4)];
    const stream = await world.stream();
    const { text, thrown } = await heard(stream);
    expect(text).toBe(EVENTS.slice(0, 4).join(''));
    expect(thrown).toMatchObject({ name: 'ProviderFault', kind: 'overloaded' });
    expect(stream.usage()).toMatchObject(cutShort);
  });

  it('delivers what came at once with the error', async () => {
    world.anthropic.mode = 'ends-early';
    world.anthropic.events = [...EVENTS.slice(0, 4), errorEvent('api_error', 'Internal server error')];
    world.anthropic.eventsSent = 5;
    const { text, thrown } = await heard(await world.stream());
    expect(text).toBe(EVENTS.slice(0, 4).join(''));
    expect(thrown).toMatchObject({ kind: 'server_error' });
  });

  it('delivers nothing of an error that comes by itself', async () => {
    world.anthropic.mode = 'pauses';
    world.anthropic.events = [...EVENTS.slice(0, 4), errorEvent('overloaded_error', 'Overloaded')];
    const stream = await world.stream();
    world.anthropic.goOn.give();
    const { text, thrown } = await heard(stream);
    expect(text).toBe(EVENTS.slice(0, 4).join(''));
    expect(thrown).toMatchObject({ kind: 'overloaded' });
  });

  it('can no longer refuse the request', async () => {
    world.anthropic.events = [...EVENTS.slice(0, 4), errorEvent('invalid_request_error', 'messages: no')];
    expect((await heard(await world.stream())).thrown).toMatchObject({ name: 'ProviderFault', kind: 'server_error' });
  });

  it('is one that falls silent', async () => {
    world.anthropic.mode = 'falls-silent';
    const stream = streamOf(await world.provider({ idleMs: 50 }).send(STREAMED));
    expect((await heard(stream)).thrown).toMatchObject({ name: 'ProviderFault', kind: 'timeout' });
    expect(stream.usage()).toMatchObject(cutShort);
    await world.anthropic.hungUp.given;
  });

  it('is estimated by text, thinking and arguments of tools, by nothing else', async () => {
    world.anthropic.mode = 'ends-early';
    const tools = [{ name: 'get_weather', input_schema: {} }];
    const message = messageFor({ ...BODY, tools, thinking: { type: 'enabled' } });
    world.anthropic.events = eventsOf(message).map(sse).slice(0, -2);
    world.anthropic.eventsSent = world.anthropic.events.length;
    const stream = await world.stream();
    await heard(stream);
    const [thinking] = message['content'] as [{ readonly thinking: string }];
    const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);
    expect(stream.usage().quantities).toMatchObject({
      output_token: tokens(MESSAGE_TEXT + JSON.stringify(TOOL_INPUT)),
      reasoning_token: tokens(thinking.thinking),
    });
  });

  it('tells for how long it said nothing, when it was to think, and only then', async () => {
    world.anthropic.mode = 'ends-early';
    const left = async (body: JsonObject) => {
      const stream = await world.stream(body);
      await heard(stream);
      return stream.usage().quantities.silent_second;
    };
    expect(await left({})).toBeUndefined();
    expect(await left({ thinking: { type: 'adaptive' } })).toBe(0);
  });

  it('is charged what was reported last, when that is more', async () => {
    const report = sse({ type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 100 } });
    world.anthropic.events = endingWith(report);
    const stream = await world.stream();
    await heard(stream);
    expect(stream.usage()).toMatchObject({ quantities: { output_token: 100 }, source: 'estimate' });
  });

  it('is charged what was reported when only its last event is missing', async () => {
    world.anthropic.events = EVENTS.slice(0, -1);
    const stream = await world.stream();
    expect((await heard(stream)).thrown).toMatchObject({ kind: 'invalid_answer' });
    expect(stream.usage()).toMatchObject({ quantities: { output_token: 305 }, source: 'provider' });
  });

  it('is estimated as well when it is long, and when a server reports no output', async () => {
    const text = 'Grüezi '.repeat(40_000);
    const unreported = sse({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 0 } });
    const events = eventsOf({ ...MESSAGE, content: [{ type: 'text', text }] }).map(sse);
    world.anthropic.events = [...events.slice(0, -2), unreported, ...events.slice(-1)];
    const stream = await world.stream();
    expect((await heard(stream)).thrown).toBeNull();
    const output = Math.ceil(Buffer.byteLength(text) / 4);
    expect(stream.usage()).toMatchObject({ quantities: { output_token: output }, source: 'estimate' });
  });
});

describe('a caller who leaves a stream', () => {
  it('ends it at once by the signal, and is told the reason', async () => {
    world.anthropic.mode = 'falls-silent';
    const leaving = new AbortController();
    const stream = streamOf(await world.send({ ...STREAMED, signal: leaving.signal }));
    const reason = new Error('the caller is gone');
    const reading = heard(stream);
    leaving.abort(reason);
    expect((await reading).thrown).toBe(reason);
    await world.anthropic.hungUp.given;
  });

  it('ends it by reading no more, even after the first piece, and is charged what came', async () => {
    world.anthropic.mode = 'falls-silent';
    const stream = await world.stream();
    for await (const piece of stream.pieces) {
      expect(Buffer.from(piece).toString('utf8')).toMatch(/^event: message_start\n/);
      break;
    }
    await world.anthropic.hungUp.given;
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 21 }, source: 'estimate' });
  });
});
