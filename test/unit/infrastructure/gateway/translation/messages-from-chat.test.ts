import type { JsonObject } from '#application/gateway/ai-provider';
import { messagesFromChat } from '#infrastructure/gateway/translation/messages-from-chat';
import { refusedField } from './refusals.js';

const HELLO = { role: 'user', content: 'Hello' };
const request = (more: JsonObject): JsonObject => messagesFromChat({ model: 'm', messages: [HELLO], ...more }, 4096);
const turns = (...messages: unknown[]): unknown => request({ messages })['messages'];
const user = (...content: unknown[]): JsonObject => ({ role: 'user', content });
const text = (said: string): JsonObject => ({ type: 'text', text: said });
const image = (url: unknown): JsonObject => ({ type: 'image_url', image_url: { url } });
const call = (id: string, name: string, args: unknown): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const FUNCTION = { name: 'weather', description: 'Tells it.', parameters: { type: 'object', properties: {} } };
const TOOL = { name: 'weather', description: 'Tells it.', input_schema: { type: 'object', properties: {} } };
const OFFERED = { tools: [{ type: 'function', function: FUNCTION }] };

describe('an OpenAI request as an Anthropic request', () => {
  it('keeps what both call the same, and whatever neither is known to have', () => {
    const said = { model: 'm', max_tokens: 9, temperature: 1, top_p: 0.9, stream: true, top_k: 3, messages: [HELLO] };
    expect(messagesFromChat(said, 4096)).toEqual(said);
  });

  it.each([
    [{}, 4096],
    [{ max_tokens: null }, 4096],
    [{ max_tokens: 7 }, 7],
    [{ max_completion_tokens: 8 }, 8],
    [{ max_tokens: 7, max_completion_tokens: 8 }, 8],
  ])('always bounds the answer: %j to %d tokens', (said, expected) => {
    expect(request(said)['max_tokens']).toBe(expected);
    expect(request(said)).not.toHaveProperty('max_completion_tokens');
  });

  it('gathers what system and developer say, wherever they say it', () => {
    const messages = [{ role: 'system', content: 'One.' }, HELLO, { role: 'developer', content: [text('Two.')] }];
    expect(request({ messages })).toMatchObject({ system: 'One.\n\nTwo.', messages: [HELLO] });
  });

  it('makes neighbours of one role one message', () => {
    expect(turns(HELLO, { role: 'user', content: 'You there?' }, { role: 'assistant', content: 'Yes' })).toEqual([
      user(text('Hello'), text('You there?')),
      { role: 'assistant', content: 'Yes' },
    ]);
  });

  it('leaves out texts that say nothing, which Anthropic refuses', () => {
    expect(turns(HELLO, { role: 'assistant', content: '' }, user(text(''), text('Well?')))).toEqual([
      user(text('Hello'), text('Well?')),
    ]);
  });

  it('keeps the order of text and images, given as data or by URL', () => {
    const parts = [text('One:'), image('data:image/png;base64,iVBO'), text('Two:'), image('https://example.com/a.png')];
    expect(turns(user(...parts))).toEqual([
      user(
        text('One:'),
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } },
        text('Two:'),
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ),
    ]);
  });

  it('makes uses of tools of the calls, and one message of the results and of what the user says next', () => {
    expect(
      turns(
        HELLO,
        {
          role: 'assistant',
          content: null,
          tool_calls: [call('c1', 'weather', '{"city":"Bern"}'), call('c.2', 'now', '')],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
        { role: 'tool', tool_call_id: 'c.2', content: [text('noon')] },
        { role: 'user', content: 'Thanks' },
      ),
    ).toEqual([
      HELLO,
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'c_2', name: 'now', input: {} },
        ],
      },
      user(
        { type: 'tool_result', tool_use_id: 'c1', content: 'sunny' },
        { type: 'tool_result', tool_use_id: 'c_2', content: [text('noon')] },
        text('Thanks'),
      ),
    ]);
  });

  it('joins a call and its result of the older kind by an id', () => {
    expect(
      turns(
        HELLO,
        { role: 'assistant', content: null, function_call: { name: 'now', arguments: '{}' } },
        { role: 'function', name: 'now', content: 'noon' },
      ),
    ).toEqual([
      HELLO,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'now', input: {} }] },
      user({ type: 'tool_result', tool_use_id: 'call_1', content: 'noon' }),
    ]);
  });

  it('says a refusal of the past as text', () => {
    expect(turns(HELLO, { role: 'assistant', content: null, refusal: 'I will not.' })).toEqual([
      HELLO,
      { role: 'assistant', content: 'I will not.' },
    ]);
  });

  it('offers the same tools, also those of the older kind', () => {
    expect(request(OFFERED)['tools']).toEqual([TOOL]);
    expect(request({ functions: [FUNCTION, { name: 'now' }] })['tools']).toEqual([
      TOOL,
      { name: 'now', input_schema: { type: 'object', properties: {} } },
    ]);
  });

  it.each<[JsonObject, unknown]>([
    [{}, undefined],
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: 'required' }, { type: 'any' }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { type: 'tool', name: 'f' }],
    [{ function_call: { name: 'f' } }, { type: 'tool', name: 'f' }],
    [{ parallel_tool_calls: true }, undefined],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { parallel_tool_calls: false, tool_choice: 'required' },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ parallel_tool_calls: false, tool_choice: 'none' }, { type: 'none' }],
  ])('makes of %j the tool choice %j', (said, expected) => {
    expect(request({ ...OFFERED, ...said })['tool_choice']).toEqual(expected);
  });

  it('says nothing of parallel calls to a model without tools, which Anthropic would refuse', () => {
    expect(request({ parallel_tool_calls: false })).toEqual(request({}));
  });

  it.each([
    ['END', ['END']],
    [
      ['A', 'B'],
      ['A', 'B'],
    ],
    [[], undefined],
    [null, undefined],
  ])('makes of the stop %j the stop sequences %j', (stop, expected) => {
    expect(request({ stop })['stop_sequences']).toEqual(expected);
  });

  it('names the user as Anthropic does, and keeps the metadata of the caller to itself', () => {
    expect(request({ user: 'u1', metadata: { ticket: '7' } })['metadata']).toEqual({ user_id: 'u1' });
    expect(request({ metadata: { ticket: '7' } })).toEqual(request({}));
  });

  it('asks for JSON by an instruction, and for a schema by the schema', () => {
    const messages = [{ role: 'system', content: 'Be brief.' }, HELLO];
    const json = request({ messages, response_format: { type: 'json_object' } });
    expect(json['system']).toMatch(/^Be brief\.\n\nAnswer with one valid JSON object/);
    const schema = { type: 'object' };
    const strict = request({
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } },
    });
    expect(strict).toEqual({ ...request({}), output_config: { format: { type: 'json_schema', schema } } });
    expect(request({ response_format: { type: 'text' } })).toEqual(request({}));
  });

  it('leaves out what has no counterpart and no bearing on the meaning, and what asks for nothing', () => {
    const hints = { seed: 1, service_tier: 'auto', store: true, stream_options: { include_usage: true } };
    const nothing = { n: 1, logprobs: false, frequency_penalty: 0, presence_penalty: 0, logit_bias: {}, audio: null };
    expect(request({ ...hints, ...nothing, reasoning_effort: 'low', modalities: ['text'] })).toEqual(request({}));
  });

  it.each<[string, JsonObject]>([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['audio', { audio: { voice: 'alloy', format: 'mp3' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['frequency_penalty', { frequency_penalty: 0.1 }],
    ['presence_penalty', { presence_penalty: -1 }],
    ['logit_bias', { logit_bias: { 50256: -100 } }],
    ['web_search_options', { web_search_options: {} }],
    ['speed', { speed: 'fast' }],
    ['inference_geo', { inference_geo: 'us' }],
    ['mcp_servers', { mcp_servers: [{}] }],
    ['temperature', { temperature: 1.1 }],
    ['stop', { stop: [1] }],
    ['response_format', { response_format: { type: 'grammar' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'a' } } }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tool_choice', { tool_choice: { type: 'allowed_tools', allowed_tools: {} } }],
    ['tool_choice', { tool_choice: 'perhaps' }],
    ['messages', { messages: null }],
    ['messages', { messages: [{ role: 'system', content: 'Only this.' }] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'system', content: [image('https://example.com/a.png')] }] }],
    ['messages[0].content[0]', { messages: [user({ type: 'input_audio', input_audio: {} })] }],
    ['messages[0].content[0].image_url.url', { messages: [user(image('http://example.com/a.png'))] }],
    ['messages[0].content[0].image_url.url', { messages: [user(image('data:image/svg+xml,<svg/>'))] }],
    ['messages[0].content[0].image_url.url', { messages: [user(image(7))] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    [
      'messages[0].tool_calls[0].function.arguments',
      { messages: [{ role: 'assistant', tool_calls: [call('c', 'f', '{"a":')] }] },
    ],
    [
      'messages[0].tool_calls[0].function.arguments',
      { messages: [{ role: 'assistant', tool_calls: [call('c', 'f', '[1]')] }] },
    ],
    [
      'messages[0].tool_calls[0].type',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom' }] }] },
    ],
  ])('is refused by name when %s cannot be translated', (field, more) => {
    expect(refusedField(() => request(more))).toBe(field);
  });
});
