import type { JsonObject } from '#application/gateway/ai-provider';
import { chatFromMessages } from '#infrastructure/gateway/translation/chat-from-messages';
import { messagesFromChat } from '#infrastructure/gateway/translation/messages-from-chat';

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const MESSAGES: JsonObject = {
  model: 'm',
  max_tokens: 100,
  temperature: 0.5,
  stream: true,
  system: 'Be brief.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
        { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Basel' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: 'rain' },
        { type: 'text', text: 'And tomorrow?' },
      ],
    },
    { role: 'assistant', content: 'Snow.' },
    { role: 'user', content: 'Thanks' },
  ],
  tools: [{ name: 'weather', description: 'Tells it.', input_schema: SCHEMA, strict: true }],
  tool_choice: { type: 'any', disable_parallel_tool_use: true },
  stop_sequences: ['END'],
  metadata: { user_id: 'u1' },
  output_config: { format: { type: 'json_schema', schema: SCHEMA } },
};

const CHAT: JsonObject = {
  model: 'm',
  max_tokens: 100,
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
    { role: 'user', content: 'Thanks' },
  ],
  tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: SCHEMA } }],
  tool_choice: { type: 'function', function: { name: 'weather' } },
  parallel_tool_calls: false,
  stop: ['END'],
  user: 'u1',
};

describe('a request translated there and back', () => {
  it('of Anthropic says the same', () => {
    expect(messagesFromChat(chatFromMessages(MESSAGES), 1)).toEqual(MESSAGES);
  });

  it('of OpenAI says the same', () => {
    expect(chatFromMessages(messagesFromChat(CHAT, 1))).toEqual(CHAT);
  });

  it('keeps the image in the result of a tool, if behind it', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } };
    const result = { type: 'tool_result', tool_use_id: 't', content: [image] };
    const body = { max_tokens: 1, messages: [{ role: 'user', content: [result] }] };
    expect(messagesFromChat(chatFromMessages(body), 1)['messages']).toEqual([
      { role: 'user', content: [{ ...result, content: '[image: see the next message]' }, image] },
    ]);
  });
});
