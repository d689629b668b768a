import type { JsonObject } from '#application/gateway/ai-provider';
import { chatFromMessages } from '#infrastructure/gateway/translation/chat-from-messages';
import { refusedField } from './refusals.js';

const HELLO = { role: 'user', content: 'Hello' };
const request = (more: JsonObject): JsonObject =>
  chatFromMessages({ model: 'm', max_tokens: 9, messages: [HELLO], ...more });
const turns = (...messages: unknown[]): unknown => request({ messages })['messages'];
const user = (...content: unknown[]): JsonObject => ({ role: 'user', content });
const assistant = (...content: unknown[]): JsonObject => ({ role: 'assistant', content });
const text = (said: string): JsonObject => ({ type: 'text', text: said });
const use = (id: string, name = 'f', input: JsonObject = {}): JsonObject => ({ type: 'tool_use', id, name, input });
const result = (id: string, content: unknown, more: JsonObject = {}): JsonObject => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...more,
});
const PNG = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } };
const PNG_PART = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } };

describe('an Anthropic request as an OpenAI request', () => {
  it('keeps what both call the same, and whatever neither is known to have', () => {
    const said = {
      model: 'm',
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      stream: true,
      min_p: 0.1,
      messages: [HELLO],
    };
    expect(chatFromMessages(said)).toEqual(said);
  });

  it('leaves out what has no counterpart and no bearing on the meaning, and nulls', () => {
    const said = { top_k: 5, thinking: { type: 'enabled', budget_tokens: 1024 }, service_tier: 'auto', top_p: null };
    expect(request(said)).toEqual(request({}));
  });

  it('puts the system in front, its blocks in their order', () => {
    expect(request({ system: 'Be brief.' })['messages']).toEqual([{ role: 'system', content: 'Be brief.' }, HELLO]);
    const blocks = [{ ...text('One.'), cache_control: { type: 'ephemeral' } }, text('Two.')];
    expect(request({ system: blocks })['messages']).toEqual([{ role: 'system', content: 'One.\n\nTwo.' }, HELLO]);
  });

  it('keeps the order of text and images, given as data or by URL', () => {
    const byUrl = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    expect(turns(user(text('First:'), PNG, text('Second:'), byUrl))).toEqual([
      user(text('First:'), PNG_PART, text('Second:'), {
        type: 'image_url',
        image_url: { url: 'https://example.com/a.png' },
      }),
    ]);
  });

  it('says a document of text as text, its title above', () => {
    const document = {
      type: 'document',
      title: 'Notes',
      source: { type: 'text', media_type: 'text/plain', data: 'abc' },
    };
    expect(turns(user(document))).toEqual([{ role: 'user', content: 'Notes\n\nabc' }]);
  });

  it('makes one text of the texts of an answer, and calls of its uses of tools', () => {
    expect(
      turns(HELLO, assistant(text('Look'), text('ing.'), use('t1', 'weather', { city: 'Bern' }), use('t2'))),
    ).toEqual([
      HELLO,
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [
          { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
          { id: 't2', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
    ]);
    expect(turns(assistant(use('t1')))).toMatchObject([{ content: null }]);
  });

  it('leaves out thinking, which only Anthropic can read', () => {
    const thought = [
      { type: 'thinking', thinking: 'Hm.', signature: 'x' },
      { type: 'redacted_thinking', data: 'y' },
    ];
    expect(turns(assistant(...thought, text('Yes.')))).toEqual([{ role: 'assistant', content: 'Yes.' }]);
  });

  it('puts results of tools first, directly behind their calls, then what the user says', () => {
    expect(
      turns(
        assistant(use('t1'), use('t2')),
        user(text('Go on.'), result('t1', 'sunny'), result('t2', [text('a'), text('b')])),
      ),
    ).toEqual([
      expect.objectContaining({ role: 'assistant' }),
      { role: 'tool', tool_call_id: 't1', content: 'sunny' },
      { role: 'tool', tool_call_id: 't2', content: 'a\nb' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('adds no message of the user to results alone, and gives a result without content an empty one', () => {
    expect(turns(user(result('t1', undefined)))).toEqual([{ role: 'tool', tool_call_id: 't1', content: '' }]);
  });

  it('says in the text of a result that the tool failed', () => {
    expect(turns(user(result('t1', 'no such city', { is_error: true })))).toEqual([
      { role: 'tool', tool_call_id: 't1', content: 'Error: no such city' },
    ]);
  });

  it('shows images of results in the message that follows', () => {
    expect(turns(user(result('t1', [text('A map:'), PNG]), text('Where is it?')))).toEqual([
      { role: 'tool', tool_call_id: 't1', content: 'A map:\n[image: see the next message]' },
      user(PNG_PART, text('Where is it?')),
    ]);
  });

  it('offers the same tools', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const tools = [
      { name: 'weather', description: 'Tells it.', input_schema: schema, cache_control: { type: 'ephemeral' } },
      { type: 'custom', name: 'now', input_schema: { type: 'object' }, strict: true },
    ];
    expect(request({ tools })['tools']).toEqual([
      { type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: schema } },
      { type: 'function', function: { name: 'now', parameters: { type: 'object' }, strict: true } },
    ]);
  });

  it.each([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'any' }, { tool_choice: 'required' }],
    [{ type: 'none' }, { tool_choice: 'none' }],
    [{ type: 'tool', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
    [
      { type: 'auto', disable_parallel_tool_use: true },
      { tool_choice: 'auto', parallel_tool_calls: false },
    ],
    [{ type: 'auto', disable_parallel_tool_use: false }, { tool_choice: 'auto' }],
  ])('makes of the tool choice %j %j', (choice, expected) => {
    expect(request({ tool_choice: choice })).toEqual({ ...request({}), ...expected });
  });

  it('names the stop sequences and the user as OpenAI does', () => {
    expect(request({ stop_sequences: ['END'], metadata: { user_id: 'u1' } })).toMatchObject({
      stop: ['END'],
      user: 'u1',
    });
    expect(request({ stop_sequences: [] })).toEqual(request({}));
  });

  it('leaves out a user that is longer than OpenAI takes', () => {
    expect(request({ metadata: { user_id: 'u'.repeat(64) } })['user']).toHaveLength(64);
    expect(request({ metadata: { user_id: 'u'.repeat(65) } })).toEqual(request({}));
  });

  it('asks for the same schema of the answer', () => {
    const schema = { type: 'object' };
    expect(request({ output_config: { effort: 'low', format: { type: 'json_schema', schema } } })).toEqual({
      ...request({}),
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
  });

  it.each<[string, JsonObject]>([
    ['messages', { messages: 'Hello' }],
    ['messages[0]', { messages: ['Hello'] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 3 }] }],
    ['messages[0].content[1]', { messages: [user(text('a'), { type: 'search_result' })] }],
    ['messages[0].content[0].text', { messages: [user({ type: 'text' })] }],
    ['messages[0].content[0].source', { messages: [user({ type: 'image', source: { type: 'file', file_id: 'f' } })] }],
    ['messages[0].content[0].source', { messages: [user({ type: 'document', source: { type: 'base64' } })] }],
    ['messages[0].content[0].content[0]', { messages: [user(result('t', [{ type: 'tool_reference' }]))] }],
    ['messages[0].content[0].tool_use_id', { messages: [user({ type: 'tool_result' })] }],
    ['messages[0].content[0]', { messages: [assistant({ type: 'server_tool_use' })] }],
    ['messages[0].content[0].input', { messages: [assistant({ ...use('t'), input: '{}' })] }],
    ['system[0].text', { system: [{ type: 'image' }] }],
    ['stop_sequences', { stop_sequences: 'END' }],
    ['tools', { tools: {} }],
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools[0].name', { tools: [{ input_schema: {} }] }],
    ['tool_choice', { tool_choice: { type: 'some' } }],
    ['output_config.format', { output_config: { format: { type: 'xml' } } }],
    ['mcp_servers', { mcp_servers: [{ type: 'url', url: 'https://example.com' }] }],
    ['n', { n: 10 }],
    ['max_completion_tokens', { max_completion_tokens: 100_000 }],
    ['web_search_options', { web_search_options: {} }],
    ['container', { container: 'c' }],
    ['inference_geo', { inference_geo: 'eu' }],
  ])('is refused by name when %s cannot be translated', (field, more) => {
    expect(refusedField(() => request(more))).toBe(field);
  });
});
