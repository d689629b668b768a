import type { JsonObject } from '#application/gateway/ai-provider';
import { completionIdOf } from './completion-from-message.js';
import { isSaid, objectOf, textOf } from './fields.js';
import { DONE_EVENT, dataEvent } from './server-sent-events.js';
import { finishReasonOf } from './stop-reasons.js';
import { completionUsageOf } from './token-usage.js';

/** A call of a tool as it arrives. */
interface Call {
  /** Its place among the calls: OpenAI does not count the blocks of text between them. */
  readonly index: number;
  /** Given whole with the start of the block; Anthropic gives an empty one there, and the arguments in pieces. */
  readonly input: JsonObject;
  inPieces: boolean;
}

export interface CompletionStreamSettings {
  /** The caller asked for `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** Unix time of the answer. */
  readonly createdSeconds: number;
}

/** Anthropic's events as OpenAI's chunks. */
export class CompletionStream {
  private id: unknown = '';
  private model = '';
  private begun = false;
  private usage: JsonObject = {};
  private stopReason: unknown = null;
  private callCount = 0;
  /** By the index of their blocks; gone once the block has stopped. */
  private readonly calls = new Map<unknown, Call>();

  constructor(private readonly settings: CompletionStreamSettings) {}

  /** Takes the data of one event; returns the chunks that it makes, which can be none. */
  push(event: JsonObject): string {
    switch (event['type']) {
      case 'message_start': {
        const message = objectOf(event['message']);
        this.id = message['id'];
        this.model = textOf(message['model']);
        this.count(message['usage']);
        return this.begin();
      }
      case 'content_block_start':
        return this.startBlock(event['index'], objectOf(event['content_block']));
      case 'content_block_delta':
        return this.continueBlock(event['index'], objectOf(event['delta']));
      case 'content_block_stop':
        return this.stopBlock(event['index']);
      case 'message_delta':
        this.stopReason = objectOf(event['delta'])['stop_reason'] ?? this.stopReason;
        this.count(event['usage']);
        return '';
      default:
        return '';
    }
  }

  /** The provider ended its stream as it should: ends the answer. */
  end(): string {
    let chunks = this.begin();
    for (const block of [...this.calls.keys()]) chunks += this.stopBlock(block);
    chunks += this.chunk({}, finishReasonOf(this.stopReason));
    if (this.settings.includeUsage)
      chunks += dataEvent({ ...this.head(), choices: [], usage: completionUsageOf(this.usage) });
    return chunks + DONE_EVENT;
  }

  /** Later figures replace earlier ones: Anthropic's are totals. */
  private count(usage: unknown): void {
    const said = Object.entries(objectOf(usage)).filter(([, figure]) => isSaid(figure));
    this.usage = { ...this.usage, ...Object.fromEntries(said) };
  }

  private begin(): string {
    if (this.begun) return '';
    this.begun = true;
    return this.chunk({ role: 'assistant', content: '' });
  }

  private startBlock(block: unknown, content: JsonObject): string {
    switch (content['type']) {
      case 'text':
        return this.say('content', content['text']);
      case 'thinking':
        return this.say('reasoning_content', content['thinking']);
      case 'tool_use': {
        const call = { index: this.callCount++, input: objectOf(content['input']), inPieces: false };
        this.calls.set(block, call);
        const named = { name: textOf(content['name']), arguments: '' };
        const opening = { index: call.index, id: textOf(content['id']), type: 'function', function: named };
        return this.begin() + this.chunk({ tool_calls: [opening] });
      }
      default:
        return '';
    }
  }

  private continueBlock(block: unknown, delta: JsonObject): string {
    switch (delta['type']) {
      case 'text_delta':
        return this.say('content', delta['text']);
      case 'thinking_delta':
        return this.say('reasoning_content', delta['thinking']);
      case 'input_json_delta': {
        const call = this.calls.get(block);
        const piece = textOf(delta['partial_json']);
        if (call === undefined || piece === '') return '';
        call.inPieces = true;
        return this.passArguments(call, piece);
      }
      default:
        return '';
    }
  }

  /** A call whose arguments never came in pieces has those of its start, or none, which is `{}` and not the empty string. */
  private stopBlock(block: unknown): string {
    const call = this.calls.get(block);
    this.calls.delete(block);
    return call === undefined || call.inPieces ? '' : this.passArguments(call, JSON.stringify(call.input));
  }

  private passArguments(call: Call, piece: string): string {
    return this.chunk({ tool_calls: [{ index: call.index, function: { arguments: piece } }] });
  }

  private say(field: 'content' | 'reasoning_content', said: unknown): string {
    const text = textOf(said);
    return text === '' ? '' : this.begin() + this.chunk({ [field]: text });
  }

  private chunk(delta: JsonObject, finishReason: string | null = null): string {
    return dataEvent({
      ...this.head(),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      ...(this.settings.includeUsage ? { usage: null } : {}),
    });
  }

  private head(): JsonObject {
    return {
      id: completionIdOf(this.id),
      object: 'chat.completion.chunk',
      created: this.settings.createdSeconds,
      model: this.model,
    };
  }
}
