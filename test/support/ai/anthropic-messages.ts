export type JsonRecord = Readonly<Record<string, unknown>>;

export const MESSAGE_TEXT = 'Grüezi! What would you like to look at today?';
export const TOOL_INPUT = { location: 'Zürich', unit: 'celsius' };
export const THOUGHT = 'They greet me in Swiss German.';

/** A Message as `POST /v1/messages` answers it: a tool is called when there is one, and what is marked is cached. */
export function messageFor(body: JsonRecord): JsonRecord {
  const tools = (body['tools'] ?? []) as readonly JsonRecord[];
  const thinks = body['thinking'] !== undefined;
  return {
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    model: body['model'],
    content: [
      ...(thinks ? [{ type: 'thinking', thinking: THOUGHT, signature: 'EqQBCgIYAhIM' }] : []),
      { type: 'text', text: MESSAGE_TEXT },
      ...(tools.length > 0
        ? [{ type: 'tool_use', id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: tools[0]!['name'], input: TOOL_INPUT }]
        : []),
    ],
    stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: usageFor(JSON.stringify(body)),
  };
}

/** The events that make up a message, in their order, with a ping where Anthropic sends one. */
export function eventsOf(message: JsonRecord): readonly JsonRecord[] {
  const usage = message['usage'] as JsonRecord;
  const blocks = message['content'] as readonly JsonRecord[];
  const head = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  const { stop_reason, stop_sequence } = message;
  return [
    { type: 'message_start', message: head },
    ...blocks.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: emptied(block) },
      ...(index === 0 ? [{ type: 'ping' }] : []),
      ...deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: { output_tokens: usage['output_tokens'] } },
    { type: 'message_stop' },
  ];
}

export function sse(event: JsonRecord): string {
  return `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
}

export function errorEvent(type: string, message: string): string {
  return sse({ type: 'error', error: { type, message }, request_id: 'req_double_1' });
}

function usageFor(request: string): JsonRecord {
  const hour = request.includes('"ttl":"1h"') ? 300 : 0;
  const five = request.includes('"cache_control":{"type":"ephemeral"}') ? 200 : 0;
  const cached = hour + five > 0;
  return {
    input_tokens: 21,
    cache_creation_input_tokens: hour + five,
    cache_read_input_tokens: cached ? 1024 : 0,
    cache_creation: { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour },
    output_tokens: 305,
    service_tier: 'standard',
  };
}

function emptied(block: JsonRecord): JsonRecord {
  if (block['type'] === 'text') return { type: 'text', text: '' };
  if (block['type'] === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { ...block, input: {} };
}

function deltasOf(block: JsonRecord): readonly JsonRecord[] {
  if (block['type'] === 'text') {
    return parts(String(block['text'])).map((text) => ({ type: 'text_delta', text }));
  }
  if (block['type'] === 'thinking') {
    return [
      ...parts(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: block['signature'] },
    ];
  }
  return ['', ...parts(JSON.stringify(block['input']))].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
}

function parts(text: string): readonly string[] {
  return text.match(/.{1,16}/gsu) ?? [];
}
