import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { Stream } from 'openai/core/streaming';
import type { JsonObject } from '#application/gateway/ai-provider';
import { CompletionStream } from '#infrastructure/gateway/translation/completion-stream';
import { answerIn, chunksIn } from './sent-events.js';

const START: JsonObject = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-x',
    content: [],
    usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 1 },
  },
};
const STOP: JsonObject = { type: 'message_stop' };
const begin = (index: number, block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
});
const delta = (index: number, said: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta: said });
const close = (index: number): JsonObject => ({ type: 'content_block_stop', index });
const text = (index: number, said: string): JsonObject => delta(index, { type: 'text_delta', text: said });
const json = (index: number, said: string): JsonObject =>
  delta(index, { type: 'input_json_delta', partial_json: said });
const tool = (index: number, id: string, name: string, input: JsonObject = {}): JsonObject =>
  begin(index, { type: 'tool_use', id, name, input });
const ending = (reason: string | null): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage: { output_tokens: 8 },
});

function sseOf(events: readonly JsonObject[], includeUsage = false): string {
  const stream = new CompletionStream({ includeUsage, createdSeconds: 1_700_000_000 });
  return events.map((event) => stream.push(event)).join('') + stream.end();
}
const chunksOf = (...events: JsonObject[]) => chunksIn(sseOf(events));
const answerOf = (...events: JsonObject[]) => answerIn(chunksOf(...events));

describe('Anthropic events as OpenAI chunks', () => {
  it('come in the order of a completion', () => {
    const head = { id: 'chatcmpl-msg_1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'claude-x' };
    const choice = (said: JsonObject, reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta: said, logprobs: null, finish_reason: reason }],
    });
    const events = [
      START,
      begin(0, { type: 'text', text: '' }),
      { type: 'ping' },
      text(0, 'Good '),
      text(0, 'morning'),
      close(0),
      ending('end_turn'),
      STOP,
    ];
    expect(chunksOf(...events)).toEqual([
      choice({ role: 'assistant', content: '' }),
      choice({ content: 'Good ' }),
      choice({ content: 'morning' }),
      choice({}, 'stop'),
    ]);
  });

  it('end with the usage only for those who asked for it', () => {
    const events = [START, text(0, 'a'), ending('end_turn'), STOP];
    expect(sseOf(events)).not.toContain('usage');
    const chunks = chunksIn(sseOf(events, true));
    expect(chunks.pop()).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 17,
        completion_tokens: 8,
        total_tokens: 25,
        prompt_tokens_details: { cached_tokens: 5 },
      },
    });
    for (const chunk of chunks) expect(chunk.usage).toBeNull();
  });

  it('keep what the event says that starts a block', () => {
    const answer = answerOf(
      START,
      begin(0, { type: 'thinking', thinking: 'Hm' }),
      delta(0, { type: 'thinking_delta', thinking: '.' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      close(0),
      begin(1, { type: 'text', text: 'Yes' }),
      text(1, '.'),
      close(1),
      tool(2, 'toolu_1', 'weather', { city: 'Bern' }),
      close(2),
      ending('tool_use'),
    );
    expect(answer).toEqual({
      text: 'Yes.',
      reasoning: 'Hm.',
      calls: [{ id: 'toolu_1', name: 'weather', text: '{"city":"Bern"}' }],
    });
  });

  it('number calls of tools among themselves, each with its name before its arguments', () => {
    const answer = answerOf(
      START,
      begin(0, { type: 'text', text: '' }),
      text(0, 'Looking.'),
      close(0),
      tool(1, 'toolu_a', 'weather'),
      json(1, ''),
      json(1, '{"city":'),
      json(1, '"Bern"}'),
      close(1),
      tool(2, 'toolu_b', 'time'),
      json(2, '{"zone":"CET"}'),
      close(2),
      ending('tool_use'),
    );
    expect(answer.calls).toEqual([
      { id: 'toolu_a', name: 'weather', text: '{"city":"Bern"}' },
      { id: 'toolu_b', name: 'time', text: '{"zone":"CET"}' },
    ]);
  });

  it('give a call without arguments an empty object, which can be parsed', () => {
    expect(answerOf(START, tool(0, 'toolu_a', 'now'), json(0, ''), close(0), ending('tool_use')).calls).toEqual([
      { id: 'toolu_a', name: 'now', text: '{}' },
    ]);
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    [null, 'stop'],
  ])('finish for %s as %s', (reason, expected) => {
    expect(chunksOf(START, text(0, 'a'), ending(reason), STOP).at(-1)?.choices[0]?.finish_reason).toBe(expected);
  });

  it('leave out blocks that OpenAI has no word for', () => {
    const answer = answerOf(
      START,
      begin(0, { type: 'redacted_thinking', data: 'x' }),
      close(0),
      begin(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      json(1, '{"query":"x"}'),
      close(1),
      begin(2, { type: 'text', text: '' }),
      delta(2, { type: 'citations_delta', citation: {} }),
      text(2, 'found'),
      close(2),
      ending('end_turn'),
    );
    expect(answer).toEqual({ text: 'found', reasoning: '', calls: [] });
  });

  it('pass over events of odd shape', () => {
    const odd: JsonObject[] = [
      {},
      { type: 7 },
      { type: 'message_start', message: null },
      { type: 'content_block_start' },
      { type: 'content_block_delta', delta: [] },
      { type: 'content_block_stop' },
      { type: 'message_delta', delta: null, usage: 3 },
    ];
    expect(answerOf(...odd, text(0, 'fine')).text).toBe('fine');
  });

  it("are what OpenAI's own client puts together again", async () => {
    const events = [
      START,
      begin(0, { type: 'thinking', thinking: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      close(0),
      begin(1, { type: 'text', text: '' }),
      text(1, 'Looking.'),
      close(1),
      tool(2, 'toolu_a', 'weather'),
      json(2, '{"city":'),
      json(2, '"Bern"}'),
      close(2),
      tool(3, 'toolu_b', 'time'),
      close(3),
      ending('tool_use'),
      STOP,
    ];
    const stream = Stream.fromSSEResponse(new Response(sseOf(events, true)), new AbortController());
    const completion = await ChatCompletionStream.fromReadableStream(stream.toReadableStream()).finalChatCompletion();
    expect(completion.choices[0]?.message).toMatchObject({
      role: 'assistant',
      content: 'Looking.',
      tool_calls: [
        { id: 'toolu_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
        { id: 'toolu_b', type: 'function', function: { name: 'time', arguments: '{}' } },
      ],
    });
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
    expect(completion.usage).toMatchObject({ prompt_tokens: 17, completion_tokens: 8 });
  });
});
