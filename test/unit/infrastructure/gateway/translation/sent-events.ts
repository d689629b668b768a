import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';

/** What a client reads from the text of a stream, strictly: one event is its lines and an empty line. */
export function eventsIn(text: string): RawMessageStreamEvent[] {
  return piecesIn(text).map((piece) => {
    const match = /^event: (\w+)\ndata: (.*)$/.exec(piece);
    if (match === null) throw new Error(`no event of Anthropic's: ${piece}`);
    const data = JSON.parse(match[2] as string) as RawMessageStreamEvent;
    if (data.type !== match[1]) throw new Error(`the event ${match[1]} says that it is ${data.type}`);
    return data;
  });
}

/** All chunks before `[DONE]`, which has to be the last. */
export function chunksIn(text: string): ChatCompletionChunk[] {
  const pieces = piecesIn(text);
  if (pieces.pop() !== 'data: [DONE]') throw new Error('the stream does not end with [DONE]');
  return pieces.map((piece) => {
    if (!piece.startsWith('data: {')) throw new Error(`no chunk of OpenAI's: ${piece}`);
    return JSON.parse(piece.slice('data: '.length)) as ChatCompletionChunk;
  });
}

function piecesIn(text: string): string[] {
  if (!text.endsWith('\n\n')) throw new Error('the last event is not finished');
  return text.slice(0, -2).split('\n\n');
}

export interface SentBlock {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  text: string;
}

/** Follows Anthropic's events by their rules, and throws where one is broken. Returns the blocks of the message. */
export function blocksIn(events: readonly RawMessageStreamEvent[]): SentBlock[] {
  const blocks: SentBlock[] = [];
  let open: SentBlock | null = null;
  const insist = (condition: boolean, rule: string): void => {
    if (!condition) throw new Error(`${rule} in ${JSON.stringify(events, null, 1)}`);
  };
  const kinds = events.map((event) => event.type);
  insist(kinds.indexOf('message_start') === 0 && kinds.lastIndexOf('message_start') === 0, 'one message_start, first');
  insist(kinds.indexOf('message_stop') === events.length - 1, 'one message_stop, last');
  insist(kinds.indexOf('message_delta') === events.length - 2, 'one message_delta, before message_stop');
  for (const event of events) {
    if (event.type === 'content_block_start') {
      const block = event.content_block;
      insist(open === null, 'a block starts while another is open');
      insist(event.index === blocks.length, 'indexes count up');
      const tool = block.type === 'tool_use' ? block : { id: '', name: '' };
      open = { type: block.type, id: tool.id, name: tool.name, text: '' };
      blocks.push(open);
    } else if (event.type === 'content_block_delta') {
      insist(open !== null && event.index === blocks.length - 1, 'a delta belongs to the open block');
      const { delta } = event;
      const expected = {
        text_delta: 'text',
        thinking_delta: 'thinking',
        signature_delta: 'thinking',
        input_json_delta: 'tool_use',
        citations_delta: 'text',
      };
      insist(open?.type === expected[delta.type], `a ${delta.type} in a block ${open?.type}`);
      if (open === null) continue;
      if (delta.type === 'text_delta') open.text += delta.text;
      if (delta.type === 'thinking_delta') open.text += delta.thinking;
      if (delta.type === 'input_json_delta') open.text += delta.partial_json;
    } else if (event.type === 'content_block_stop') {
      insist(open !== null && event.index === blocks.length - 1, 'a stop belongs to the open block');
      open = null;
    }
  }
  insist(open === null, 'every block is stopped');
  return blocks;
}

export interface SentCall {
  id: string;
  name: string;
  text: string;
}

export interface SentAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly SentCall[];
}

/** Follows OpenAI's chunks by their rules, and throws where one is broken. */
export function answerIn(chunks: readonly ChatCompletionChunk[]): SentAnswer {
  let text = '';
  let reasoning = '';
  const calls: SentCall[] = [];
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const insist = (condition: boolean, rule: string): void => {
    if (!condition) throw new Error(`${rule} in ${JSON.stringify(chunks, null, 1)}`);
  };
  choices.forEach(({ delta, finish_reason: reason }, place) => {
    insist((delta.role === 'assistant') === (place === 0), 'the role comes once, first');
    insist((reason !== null) === (place === choices.length - 1), 'the finish reason comes once, last');
    insist(reason === null || Object.keys(delta).length === 0, 'the last delta is empty');
    text += delta.content ?? '';
    reasoning += (delta as { reasoning_content?: string }).reasoning_content ?? '';
    for (const { index, id, function: called } of delta.tool_calls ?? []) {
      if (id !== undefined) {
        insist(index === calls.length, 'calls count up');
        calls.push({ id, name: called?.name ?? '', text: '' });
      } else insist(called?.name === undefined, 'a name comes with its id');
      const call = calls[index];
      insist(call !== undefined, 'a piece belongs to a call that has begun');
      if (call !== undefined) call.text += called?.arguments ?? '';
    }
  });
  return { text, reasoning, calls };
}
