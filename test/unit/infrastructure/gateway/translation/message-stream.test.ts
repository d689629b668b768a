import { Stream } from '@anthropic-ai/sdk/core/streaming';
import { MessageStream as ClientsMessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '#application/gateway/ai-provider';
import { MessageStream } from '#infrastructure/gateway/translation/message-stream';
import { blocksIn, eventsIn } from './sent-events.js';

const MODEL = 'claude-for-us';
const ESTIMATE = 42;

const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-5',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const finish = (reason: string): JsonObject => chunk({}, { finish_reason: reason });
const tail = (usage: JsonObject): JsonObject => ({ ...chunk({}), choices: [], usage });
const call = (index: number, id: string | undefined, name: string | undefined, args: string): JsonObject => ({
  index,
  ...(id === undefined ? {} : { id, type: 'function' }),
  function: { ...(name === undefined ? {} : { name }), arguments: args },
});
const calling = (...calls: JsonObject[]): JsonObject => chunk({ tool_calls: calls });

function textOf(...chunks: JsonObject[]): string {
  const stream = new MessageStream(MODEL, ESTIMATE);
  return chunks.map((each) => stream.push(each)).join('') + stream.end();
}
const eventsOf = (...chunks: JsonObject[]): RawMessageStreamEvent[] => eventsIn(textOf(...chunks));
const blocksOf = (...chunks: JsonObject[]) => blocksIn(eventsOf(...chunks));
const deltaOf = (events: RawMessageStreamEvent[]) => {
  const event = events.find((each) => each.type === 'message_delta');
  if (event === undefined) throw new Error('no message_delta');
  return event;
};
const startOf = (events: RawMessageStreamEvent[]) => {
  const [event] = events;
  if (event?.type !== 'message_start') throw new Error('no message_start');
  return event.message;
};

describe('OpenAI chunks as Anthropic events', () => {
  it('come in the order of a message', () => {
    expect(
      eventsOf(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'Good ' }),
        chunk({ content: 'morning' }),
        finish('stop'),
        tail({ prompt_tokens: 12, completion_tokens: 3 }),
      ),
    ).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_chatcmpl-1',
          type: 'message',
          role: 'assistant',
          model: MODEL,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 42, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Good ' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'morning' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 3 },
      },
      { type: 'message_stop' },
    ]);
  });

  it('are sent as soon as their chunk has arrived', () => {
    const stream = new MessageStream(MODEL, ESTIMATE);
    expect(stream.push(chunk({ content: 'first' }))).toContain('"text":"first"');
    expect(stream.push(calling(call(0, 'call_1', 'weather', '{"city"')))).toContain('{\\"city\\"');
    expect(stream.push(calling(call(0, undefined, undefined, ':"Bern"}')))).toContain(':\\"Bern\\"}');
  });

  it('keep the arguments that come in the chunk that names the tool', () => {
    expect(blocksOf(calling(call(0, 'call_1', 'weather', '{"city":"Bern"}')), finish('tool_calls'))).toEqual([
      { type: 'tool_use', id: 'call_1', name: 'weather', text: '{"city":"Bern"}' },
    ]);
  });

  it('keep text that comes in the chunk that begins the answer, and in the one that finishes it', () => {
    const [block] = blocksOf(
      chunk({ role: 'assistant', content: 'a' }),
      chunk({ content: 'b' }, { finish_reason: 'stop' }),
    );
    expect(block?.text).toBe('ab');
  });

  it.each([
    ['empty tool_calls', { content: 'text', tool_calls: [] }],
    ['annotations', { content: 'text', annotations: [] }],
    ['empty reasoning', { content: 'text', reasoning_content: '' }],
    ['nulls', { content: 'text', tool_calls: null, reasoning_content: null, refusal: null, function_call: null }],
  ])('make no block of %s', (_what, delta) => {
    const events = eventsOf(chunk(delta), chunk({ content: '', tool_calls: [], annotations: [] }), finish('stop'));
    expect(blocksIn(events)).toEqual([{ type: 'text', id: '', name: '', text: 'text' }]);
    expect(events.filter((event) => event.type === 'content_block_delta')).toHaveLength(1);
    expect(deltaOf(events).delta.stop_reason).toBe('end_turn');
  });

  it('make of reasoning and text two blocks of one message, and sign the first with nothing', () => {
    const events = eventsOf(
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Let me ' }),
      chunk({ reasoning_content: 'think.' }),
      chunk({ content: 'Yes.' }),
      finish('stop'),
    );
    expect(blocksIn(events).map(({ type, text }) => ({ type, text }))).toEqual([
      { type: 'thinking', text: 'Let me think.' },
      { type: 'text', text: 'Yes.' },
    ]);
    expect(events.filter((event) => event.type === 'message_start')).toHaveLength(1);
    const signature = events.findIndex((e) => e.type === 'content_block_delta' && e.delta.type === 'signature_delta');
    expect(events[signature + 1]).toEqual({ type: 'content_block_stop', index: 0 });
  });

  it('begin with the tokens that the provider counted where it counts them at once', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 60 } };
    expect(startOf(eventsOf({ ...chunk({ content: 'a' }), usage })).usage).toMatchObject({
      input_tokens: 40,
      cache_read_input_tokens: 60,
    });
  });

  it.each([
    ['no usage', {}],
    ['null', { usage: null }],
    ['zeros', { usage: { prompt_tokens: 0, completion_tokens: 0 } }],
  ])('begin with the estimate, never with zero, when the first chunk has %s', (_what, more) => {
    expect(startOf(eventsOf({ ...chunk({ content: 'a' }), ...more })).usage.input_tokens).toBe(ESTIMATE);
  });

  it('give the usage of the tail, which comes without choices behind the finish reason', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 30 } };
    expect(deltaOf(eventsOf(chunk({ content: 'a' }), finish('length'), tail(usage)))).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
      usage: { input_tokens: 70, cache_read_input_tokens: 30, output_tokens: 7 },
    });
  });

  it('estimate the usage where the tail has zeros', () => {
    const zeros = tail({ prompt_tokens: 0, completion_tokens: 0 });
    expect(deltaOf(eventsOf(chunk({ content: 'twelve chars' }), finish('stop'), zeros)).usage.output_tokens).toBe(3);
  });

  it('estimate the usage that no provider reported', () => {
    expect(deltaOf(eventsOf(chunk({ content: 'twelve chars' }), finish('stop'))).usage).toMatchObject({
      input_tokens: ESTIMATE,
      output_tokens: 3,
    });
  });

  it('let a call wait until the one before it is complete, however their pieces are mixed', () => {
    expect(
      blocksOf(
        calling(call(0, 'call_a', 'weather', '{"city":')),
        calling(call(1, 'call_b', 'time', '{"zone":')),
        calling(call(0, undefined, undefined, '"Bern"}'), call(1, undefined, undefined, '"CET"}')),
        finish('tool_calls'),
      ),
    ).toEqual([
      { type: 'tool_use', id: 'call_a', name: 'weather', text: '{"city":"Bern"}' },
      { type: 'tool_use', id: 'call_b', name: 'time', text: '{"zone":"CET"}' },
    ]);
  });

  it('let text that comes amid the pieces of a call wait as well', () => {
    expect(
      blocksOf(
        calling(call(0, 'call_a', 'weather', '{')),
        chunk({ content: 'meanwhile' }),
        calling(call(0, undefined, undefined, '}')),
      ).map(({ text }) => text),
    ).toEqual(['{}', 'meanwhile']);
  });

  it('start a call when its name is known', () => {
    expect(blocksOf(calling(call(0, 'call_a', undefined, '{"a"')), calling(call(0, undefined, 'f', ':1}')))).toEqual([
      { type: 'tool_use', id: 'call_a', name: 'f', text: '{"a":1}' },
    ]);
  });

  it('tell calls apart by their ids where a server does not number them, or numbers all of them alike', () => {
    const named = (id: string) => ({ id, function: { name: 'f', arguments: `"${id}"` } });
    const unnumbered = blocksOf(calling(named('a')), calling({ function: { arguments: '+' } }), calling(named('b')));
    expect(unnumbered.map(({ text }) => text)).toEqual(['"a"+', '"b"']);
    const mixed = blocksOf(
      calling(named('a')),
      calling(named('b')),
      calling({ id: 'a', function: { arguments: '+' } }),
    );
    expect(mixed.map(({ text }) => text)).toEqual(['"a"+', '"b"']);
    const alike = blocksOf(calling({ index: 0, ...named('a') }), calling({ index: 0, ...named('b') }));
    expect(alike.map(({ id, text }) => [id, text])).toEqual([
      ['a', '"a"'],
      ['b', '"b"'],
    ]);
  });

  it('give a call without an id one of its own, and spell ids as Anthropic takes them', () => {
    const ids = blocksOf(
      calling(call(0, undefined, 'f', '{}'), call(1, undefined, 'g', '{}'), call(2, 'functions.h:2', 'h', '{}')),
    ).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe('functions_h_2');
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['function_call', 'tool_use'],
    ['content_filter', 'refusal'],
    ['something_new', 'end_turn'],
  ])('stop for %s as %s', (reason, expected) => {
    expect(deltaOf(eventsOf(chunk({ content: 'a' }), finish(reason))).delta.stop_reason).toBe(expected);
  });

  it('stop for a call of a tool even when the server only says stop: the client would not run it', () => {
    expect(deltaOf(eventsOf(calling(call(0, 'a', 'f', '{}')), finish('stop'))).delta.stop_reason).toBe('tool_use');
  });

  it('give a refusal as text and as the reason', () => {
    const events = eventsOf(chunk({ refusal: 'I will ' }), chunk({ refusal: 'not.' }), finish('stop'));
    expect(blocksIn(events)[0]?.text).toBe('I will not.');
    expect(deltaOf(events).delta.stop_reason).toBe('refusal');
  });

  it('pass over chunks of odd shape', () => {
    const odd: JsonObject[] = [
      {},
      { choices: null },
      { choices: [null, 3] },
      { choices: [{ delta: 7 }] },
      { choices: [{ index: 0, delta: { content: 5, tool_calls: [null, 'x', {}], reasoning_content: [] } }] },
      { choices: [{ index: 1, delta: { content: 'another choice' } }] },
      { choices: [], usage: 'none' },
    ];
    expect(blocksOf(...odd, chunk({ content: 'fine' })).map(({ text }) => text)).toContain('fine');
    expect(blocksOf()).toEqual([]);
  });

  it("are what Anthropic's own client puts together again", async () => {
    const sse = textOf(
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm.' }),
      chunk({ content: 'Looking.' }),
      calling(call(0, 'call_a', 'weather', '{"city":"B')),
      calling(call(1, 'call_b', 'time', '')),
      calling(call(0, undefined, undefined, 'ern"}')),
      finish('tool_calls'),
      tail({ prompt_tokens: 20, completion_tokens: 9 }),
    );
    const events = Stream.fromSSEResponse(new Response(sse), new AbortController());
    const message = await ClientsMessageStream.fromReadableStream(events.toReadableStream()).finalMessage();
    expect(message.content).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'call_a', name: 'weather', input: { city: 'Bern' } },
      { type: 'tool_use', id: 'call_b', name: 'time', input: {} },
    ]);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.usage).toMatchObject({ input_tokens: 20, output_tokens: 9 });
  });
});
