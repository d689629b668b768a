import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, isSaid, listOf, objectOf, textOf } from './fields.js';
import { contentText, messageIdOf, reasoningOf } from './message-from-completion.js';
import { namedEvent } from './server-sent-events.js';
import { stopReasonOf } from './stop-reasons.js';
import { messageUsageOf, tellsTokens } from './token-usage.js';
import { toolUseIdOf } from './tool-calls.js';

type BlockKind = 'text' | 'thinking' | 'tool_use';

/** A block of the message: it is open from the event that starts it until that which stops it. */
interface Block {
  readonly kind: BlockKind;
  id: string;
  name: string;
  /** Its place in the message; null before it was started. */
  index: number | null;
  /** Received and not yet sent. */
  waiting: string;
}

/** Characters of a token, where a provider did not count them. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * OpenAI's chunks as Anthropic's events. Anthropic has one block open at a time, OpenAI may mix several calls of tools: the
 * call that came first is sent as it arrives, and what comes beside it waits until that is known to be complete, which is
 * at the end. Nothing is dropped, and nothing is sent to a block that is not open.
 */
export class MessageStream {
  private started = false;
  private id: unknown = '';
  private reported: JsonObject | null = null;
  private finishReason: unknown = null;
  private refused = false;
  private characters = 0;
  private nextIndex = 0;
  /** Not yet stopped, in their order. Only the first can be open. */
  private readonly blocks: Block[] = [];
  /** The calls so far, by what later chunks name them by. */
  private readonly calls = new Map<number | string, Block>();
  private lastCall: number | string = 0;

  constructor(
    private readonly requestedModel: string,
    private readonly inputTokensEstimate: number,
  ) {}

  /** Takes one chunk; returns the events that it makes, which can be none. */
  push(chunk: JsonObject): string {
    if (textOf(chunk['id']) !== '') this.id = chunk['id'];
    if (tellsTokens(chunk['usage'])) this.reported = chunk['usage'];
    const choice = listOf(chunk['choices'])
      .filter(isObject)
      .find((each) => (each['index'] ?? 0) === 0);
    if (choice === undefined) return '';
    if (typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '')
      this.finishReason = choice['finish_reason'];
    const delta = objectOf(choice['delta']);
    const refusal = textOf(delta['refusal']);
    if (refusal !== '') this.refused = true;
    let events = this.start();
    events += this.say('thinking', reasoningOf(delta));
    events += this.say('text', contentText(delta['content']));
    events += this.say('text', refusal);
    for (const call of listOf(delta['tool_calls']).filter(isObject)) events += this.callTool(call);
    if (isSaid(delta['function_call'])) events += this.callTool({ index: 0, function: delta['function_call'] });
    return events;
  }

  /** The provider ended its stream as it should: closes what is open and ends the message. */
  end(): string {
    let events = this.start();
    while (this.blocks.length > 0) events += this.stopFirst();
    const stopReason = this.refused ? 'refusal' : stopReasonOf(this.finishReason, this.calls.size > 0);
    return (
      events +
      namedEvent({
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: this.usage(),
      }) +
      namedEvent({ type: 'message_stop' })
    );
  }

  private start(): string {
    if (this.started) return '';
    this.started = true;
    return namedEvent({
      type: 'message_start',
      message: {
        id: messageIdOf(this.id),
        type: 'message',
        role: 'assistant',
        model: this.requestedModel,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        // Clients price a call by this event too. One token of output, as Anthropic begins.
        usage: { ...this.usage(), output_tokens: 1 },
      },
    });
  }

  private usage(): JsonObject {
    if (this.reported !== null) return messageUsageOf(this.reported);
    return {
      input_tokens: this.inputTokensEstimate,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: Math.ceil(this.characters / CHARACTERS_PER_TOKEN),
    };
  }

  private say(kind: 'text' | 'thinking', text: string): string {
    if (text === '') return '';
    let events = '';
    const first = this.blocks[0];
    if (first !== undefined && first.kind !== 'tool_use' && first.kind !== kind) events += this.stopFirst();
    let block = this.blocks.at(-1);
    if (block?.kind !== kind) {
      block = { kind, id: '', name: '', index: null, waiting: '' };
      this.blocks.push(block);
    }
    return events + this.receive(block, text);
  }

  private callTool(call: JsonObject): string {
    const called = objectOf(call['function']);
    const key = this.keyOf(call);
    this.lastCall = key;
    let events = '';
    let block = this.calls.get(key);
    if (block === undefined || isAnother(block, call)) {
      if (this.blocks[0] !== undefined && this.blocks[0].kind !== 'tool_use') events += this.stopFirst();
      block = { kind: 'tool_use', id: '', name: '', index: null, waiting: '' };
      this.calls.set(key, block);
      this.blocks.push(block);
    }
    if (block.id === '') block.id = textOf(call['id']);
    if (block.name === '') block.name = textOf(called['name']);
    const said = called['arguments'];
    return events + this.receive(block, isObject(said) ? JSON.stringify(said) : textOf(said));
  }

  /** Servers that do not number their calls tell them apart by id, or send one after another. */
  private keyOf(call: JsonObject): number | string {
    if (typeof call['index'] === 'number') return call['index'];
    return textOf(call['id']) || this.lastCall;
  }

  private receive(block: Block, text: string): string {
    this.characters += text.length;
    block.waiting += text;
    // A call without its name yet cannot be started.
    if (block !== this.blocks[0] || (block.kind === 'tool_use' && block.name === '')) return '';
    return this.send(block);
  }

  /** Starts the block unless it is open already, and sends what waits for it. */
  private send(block: Block): string {
    let events = '';
    if (block.index === null) {
      block.index = this.nextIndex++;
      events += namedEvent({ type: 'content_block_start', index: block.index, content_block: this.emptyBlock(block) });
    }
    if (block.waiting === '') return events;
    events += namedEvent({
      type: 'content_block_delta',
      index: block.index,
      delta: deltaOf(block.kind, block.waiting),
    });
    block.waiting = '';
    return events;
  }

  private emptyBlock({ kind, id, name, index }: Block): JsonObject {
    if (kind === 'text') return { type: 'text', text: '' };
    if (kind === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
    return { type: 'tool_use', id: toolUseIdOf(id, `toolu_${messageIdOf(this.id)}_${index}`), name, input: {} };
  }

  private stopFirst(): string {
    const block = this.blocks.shift();
    if (block === undefined) return '';
    const events = this.send(block);
    const index = block.index;
    const signature =
      block.kind === 'thinking'
        ? namedEvent({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: '' } })
        : '';
    return events + signature + namedEvent({ type: 'content_block_stop', index });
  }
}

/** Some servers number all their calls 0: a named call with an id of its own is a call of its own all the same. */
function isAnother(block: Block, call: JsonObject): boolean {
  const id = textOf(call['id']);
  const name = textOf(objectOf(call['function'])['name']);
  return name !== '' && block.name !== '' && id !== '' && block.id !== '' && id !== block.id;
}

function deltaOf(kind: BlockKind, text: string): JsonObject {
  switch (kind) {
    case 'text':
      return { type: 'text_delta', text };
    case 'thinking':
      return { type: 'thinking_delta', thinking: text };
    case 'tool_use':
      return { type: 'input_json_delta', partial_json: text };
  }
}
