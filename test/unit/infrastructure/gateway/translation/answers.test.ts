import type { JsonObject } from '#application/gateway/ai-provider';
import { completionFromMessage } from '#infrastructure/gateway/translation/completion-from-message';
import { messageFromCompletion } from '#infrastructure/gateway/translation/message-from-completion';

const completion = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5',
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop', ...more }],
  usage: { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 30 } },
});
const callOf = (args: unknown): JsonObject =>
  completion({ tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: args } }] });
const message = (content: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 70, cache_read_input_tokens: 30, cache_creation_input_tokens: 5, output_tokens: 20 },
  ...more,
});
const choiceOf = (answer: JsonObject) =>
  (completionFromMessage(answer, 1)['choices'] as { message: JsonObject; finish_reason: string }[])[0];

describe('an OpenAI answer as an Anthropic message', () => {
  it('has reasoning, text and calls in this order, and cached tokens beside the others', () => {
    const answer = completion(
      {
        reasoning_content: 'Hm.',
        content: 'Looking.',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }],
      },
      { finish_reason: 'tool_calls' },
    );
    expect(messageFromCompletion(answer, 'claude-for-us')).toEqual({
      id: 'msg_chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'claude-for-us',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 70, cache_creation_input_tokens: 0, cache_read_input_tokens: 30, output_tokens: 20 },
    });
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['function_call', 'tool_use'],
    ['content_filter', 'refusal'],
    [null, 'end_turn'],
  ])('stops for %s as %s', (reason, expected) => {
    const answer = completion({ content: 'a' }, { finish_reason: reason });
    expect(messageFromCompletion(answer, 'm')['stop_reason']).toBe(expected);
  });

  it('stops for a call of a tool even when the server only says stop', () => {
    expect(messageFromCompletion(callOf('{}'), 'm')['stop_reason']).toBe('tool_use');
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['', {}],
    [undefined, {}],
    [{ a: 1 }, { a: 1 }],
    ['{"a":', { _raw: '{"a":' }],
    ['[1]', { _raw: '[1]' }],
    ['null', { _raw: 'null' }],
  ])('shows the arguments %j as %j: those that are no object as they came', (said, input) => {
    expect(messageFromCompletion(callOf(said), 'm')['content']).toEqual([
      { type: 'tool_use', id: 'call_1', name: 'f', input },
    ]);
  });

  it('gives a refusal as text and as the reason', () => {
    expect(messageFromCompletion(completion({ refusal: 'I will not.' }), 'm')).toMatchObject({
      content: [{ type: 'text', text: 'I will not.' }],
      stop_reason: 'refusal',
    });
  });

  it('reads an older function_call, content in parts, and reasoning under its other name', () => {
    const older = completion({ function_call: { name: 'f', arguments: '{}' } }, { finish_reason: 'function_call' });
    expect(messageFromCompletion(older, 'm')['content']).toEqual([
      { type: 'tool_use', id: 'toolu_msg_chatcmpl-1_0', name: 'f', input: {} },
    ]);
    const parts = completion({
      reasoning: 'Hm.',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    });
    expect(messageFromCompletion(parts, 'm')['content']).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      { type: 'text', text: 'ab' },
    ]);
  });

  it('counts tokens written to a cache beside the others, where the provider tells them', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 50 },
    };
    expect(messageFromCompletion({ ...completion({}), usage }, 'm')['usage']).toEqual({
      input_tokens: 20,
      cache_creation_input_tokens: 50,
      cache_read_input_tokens: 30,
      output_tokens: 1,
    });
  });

  it('counts tokens as they are charged where providers count otherwise', () => {
    const deepSeek = { prompt_tokens: 100, completion_tokens: 1, prompt_cache_hit_tokens: 60 };
    expect(messageFromCompletion({ ...completion({}), usage: deepSeek }, 'm')['usage']).toMatchObject({
      input_tokens: 40,
      cache_read_input_tokens: 60,
    });
    const inside = { prompt_tokens: 10, completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 5 } };
    const output = (usage: JsonObject) => messageFromCompletion({ ...completion({}), usage }, 'm')['usage'];
    expect(output({ ...inside, total_tokens: 30 })).toMatchObject({ output_tokens: 20 });
    expect(output({ ...inside, total_tokens: 35 })).toMatchObject({ output_tokens: 25 });
  });

  it('never counts less than nothing, and reads no usage as none', () => {
    const usage = { prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 9 } };
    expect(messageFromCompletion({ ...completion({}), usage }, 'm')['usage']).toMatchObject({ input_tokens: 0 });
    expect(messageFromCompletion({}, 'm')).toMatchObject({
      content: [],
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    });
  });
});

describe('an Anthropic message as an OpenAI answer', () => {
  it('joins its texts, keeps its thinking apart, and counts every token that went in', () => {
    const answer = message(
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'text', text: 'Look' },
        { type: 'text', text: 'ing.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      ],
      { stop_reason: 'tool_use' },
    );
    expect(completionFromMessage(answer, 1_700_000_000)).toEqual({
      id: 'chatcmpl-msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Looking.',
            refusal: null,
            reasoning_content: 'Hm.',
            tool_calls: [
              { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 105,
        completion_tokens: 20,
        total_tokens: 125,
        prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 5 },
      },
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
  ])('finishes for %s as %s', (reason, expected) => {
    expect(choiceOf(message([{ type: 'text', text: 'a' }], { stop_reason: reason }))?.finish_reason).toBe(expected);
  });

  it('has null for content only when it calls tools and says nothing', () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
    expect(choiceOf(message([call]))?.message['content']).toBeNull();
    expect(choiceOf(message([]))?.message).toEqual({ role: 'assistant', content: '', refusal: null });
  });
});

describe('an answer translated there and back', () => {
  it('says the same, and counts the same', () => {
    const answer = message(
      [
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      ],
      { stop_reason: 'tool_use' },
    );
    const { content, stop_reason, usage } = messageFromCompletion(completionFromMessage(answer, 1), 'claude-x');
    expect({ content, stop_reason, usage }).toEqual({
      content: answer['content'],
      stop_reason: 'tool_use',
      usage: answer['usage'],
    });
  });
});
