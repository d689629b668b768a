import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage } from '#domain/providers/ai-usage';
import { estimatedInput, reportsTokens, tokensOfBytes, usageOfCompletion } from './openai-usage.js';
import { eventsOf, parseEvent } from './server-sent-events.js';
import { contentText } from './translation/message-from-completion.js';
import { findCount, isObject, listOf, objectOf, textOf } from './translation/fields.js';

/** What is kept of a stream undecoded. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** Bytes of text that a model wrote. */
interface Written {
  readonly said: number;
  readonly thought: number;
}

/** Milliseconds of a clock that only goes forward. */
export type Stopwatch = () => number;

const NOTHING: Written = { said: 0, thought: 0 };

/**
 * What chat completions used so far. The text of a stream is decoded only when it ends before its usage was reported, or
 * grows long.
 */
export class CompletionMeter {
  private reported: JsonObject | null = null;
  private unread: Buffer[] = [];
  private unreadBytes = 0;
  private written: Written = NOTHING;
  private readonly finished = new Set<unknown>();
  private readonly choices: number;
  private readonly sentAt: number;
  private firstWordAt: number | null = null;

  /** Made when the request is sent. */
  constructor(
    private readonly request: JsonObject,
    private readonly now: Stopwatch = () => performance.now(),
  ) {
    this.choices = findCount(request['n']) ?? 1;
    this.sentAt = now();
  }

  /** Every choice has its finish_reason. */
  get isFinishing(): boolean {
    return this.finished.size >= this.choices;
  }

  /** Takes note of the choices that end in a chunk. */
  finish(chunk: JsonObject): void {
    for (const choice of listOf(chunk['choices']).map(objectOf)) {
      if (textOf(choice['finish_reason']) !== '') this.finished.add(choice['index'] ?? 0);
    }
  }

  /** Takes note that the model has begun to say something; what it thinks aloud is counted by its text. */
  begin(): void {
    this.firstWordAt ??= this.now();
  }

  get hasBegun(): boolean {
    return this.firstWordAt !== null;
  }

  /** Takes a provider's count of everything up to here; some count with every chunk. */
  report(usage: JsonObject): void {
    if (!reportsTokens(usage)) return;
    this.reported = usage;
    this.unread = [];
    this.unreadBytes = 0;
    this.written = NOTHING;
  }

  /** Whole events that are being delivered. */
  deliver(piece: Buffer): void {
    this.unread.push(piece);
    this.unreadBytes += piece.length;
    if (this.unreadBytes > MOST_UNREAD_BYTES) this.read();
  }

  get usage(): AiUsage {
    this.read();
    const { said, thought } = this.written;
    if (this.reported !== null && said + thought === 0) return usageOfCompletion(this.reported);
    const { quantities } = usageOfCompletion(this.reported ?? { prompt_tokens: estimatedInput(this.request) });
    const isUnseen = this.reported === null && thought === 0;
    return {
      quantities: {
        ...quantities,
        output_token: (quantities.output_token ?? 0) + tokensOfBytes(said),
        reasoning_token: (quantities.reasoning_token ?? 0) + tokensOfBytes(thought),
        ...(isUnseen && { silent_second: Math.floor(((this.firstWordAt ?? this.now()) - this.sentAt) / 1000) }),
      },
      source: 'estimate',
      image: null,
    };
  }

  private read(): void {
    this.written = this.unread
      .flatMap(eventsOf)
      .map((event) => parseEvent(event).data)
      .map((data) => (data.startsWith('{') ? writtenIn(data, 'delta') : NOTHING))
      .reduce(sum, this.written);
    this.unread = [];
    this.unreadBytes = 0;
  }
}

/** Of a whole answer. */
export function usageOfWhole(answer: JsonObject, request: JsonObject): AiUsage {
  const { usage } = answer;
  if (reportsTokens(usage)) return usageOfCompletion(usage);
  const { said, thought } = textsOf(answer, 'message');
  return {
    quantities: {
      input_token: estimatedInput(request),
      output_token: tokensOfBytes(said),
      reasoning_token: tokensOfBytes(thought),
    },
    source: 'estimate',
    image: null,
  };
}

/** Whether a chunk has a word, a thought or a call: the first of a stream often names the role alone. */
export function saysSomething(chunk: JsonObject): boolean {
  const { said, thought } = textsOf(chunk, 'delta');
  return said + thought > 0;
}

function writtenIn(data: string, within: 'delta'): Written {
  try {
    return textsOf(objectOf(JSON.parse(data)), within);
  } catch (error) {
    // It was passed on as it came; nobody can say what it is worth.
    if (error instanceof SyntaxError) return NOTHING;
    throw error;
  }
}

function textsOf(answer: JsonObject, within: 'delta' | 'message'): Written {
  return listOf(answer['choices'])
    .map((choice) => objectOf(objectOf(choice)[within]))
    .map((words) => ({
      said:
        Buffer.byteLength(contentText(words['content'])) +
        Buffer.byteLength(textOf(words['refusal'])) +
        [...listOf(words['tool_calls']).map((call) => objectOf(call)['function']), words['function_call']]
          .map(bytesOfCall)
          .reduce((all, bytes) => all + bytes, 0),
      thought: Buffer.byteLength(textOf(words['reasoning_content']) || textOf(words['reasoning'])),
    }))
    .reduce(sum, NOTHING);
}

function bytesOfCall(called: unknown): number {
  const { name, arguments: said } = objectOf(called);
  const text = isObject(said) ? JSON.stringify(said) : textOf(said);
  return Buffer.byteLength(textOf(name)) + Buffer.byteLength(text);
}

function sum(one: Written, other: Written): Written {
  return { said: one.said + other.said, thought: one.thought + other.thought };
}
