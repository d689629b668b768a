import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage } from '#domain/providers/ai-usage';
import type { Stopwatch } from './completion-meter.js';
import { corrected, estimated, reportsOutput, usageOfMessage } from './anthropic-usage.js';
import { tokensOfBytes } from './openai-usage.js';
import { eventsOf, parseEvent } from './server-sent-events.js';
import { listOf, objectOf, textOf } from './translation/fields.js';

/** What is kept of a stream undecoded. */
const MOST_UNREAD_BYTES = 64 * 1024;

/**
 * What a stream of Anthropic's events used so far. Its text is decoded only when the stream ends before its usage was
 * reported, or grows long.
 */
export class MessageMeter {
  /** message_start was received. */
  begun = false;
  /** message_stop was received, of a message that had begun. */
  ended = false;
  private reported: JsonObject = {};
  private final = false;
  private unread: Buffer[] = [];
  private unreadBytes = 0;
  private textBytes = 0;
  private thoughtBytes = 0;
  private hasReason = false;
  private block: 'none' | 'thought' | 'content' | 'closed' = 'none';
  private readonly sentAt: number;
  private firstWordAt: number | null = null;

  /** Made when the request is sent. */
  constructor(
    private thinks: boolean,
    private readonly now: Stopwatch = () => performance.now(),
  ) {
    this.sentAt = now();
  }

  /** Its last block is closed, as far as can be told, or its reason to stop was given. */
  get isFinishing(): boolean {
    return this.ended || this.hasReason || this.block === 'closed';
  }

  begin(event: JsonObject): void {
    const isThought = /thinking$/.test(textOf(objectOf(event['content_block'])['type']));
    this.block = isThought ? 'thought' : 'content';
    // Some models think without having been asked to.
    if (isThought) this.thinks = true;
    else this.firstWordAt ??= this.now();
  }

  /** After a thought comes an answer. */
  close(): void {
    if (this.block === 'content') this.block = 'closed';
  }

  start(event: JsonObject): void {
    this.begun = true;
    this.reported = corrected(this.reported, objectOf(objectOf(event['message'])['usage']));
  }

  /**
   * Its counts are cumulative (https://docs.claude.com/en/docs/build-with-claude/streaming). Tools that run at Anthropic make
   * it send several: the last one has the reason to stop.
   */
  delta(event: JsonObject): void {
    const usage = objectOf(event['usage']);
    this.reported = corrected(this.reported, usage);
    this.hasReason = textOf(objectOf(event['delta'])['stop_reason']) !== '';
    this.final = reportsOutput(usage) && this.hasReason;
  }

  stop(): void {
    this.ended = this.begun;
  }

  /** Whole events that are being delivered. */
  deliver(piece: Buffer): void {
    if (this.final) return;
    this.unread.push(piece);
    this.unreadBytes += piece.length;
    if (this.unreadBytes > MOST_UNREAD_BYTES) this.read();
  }

  get usage(): AiUsage {
    const reported = usageOfMessage(this.reported);
    if (this.final) return reported;
    this.read();
    const likely = estimated(reported, this.textBytes);
    if (!this.thinks && this.thoughtBytes === 0) return likely;
    const silence = Math.floor(((this.firstWordAt ?? this.now()) - this.sentAt) / 1000);
    const shown = tokensOfBytes(this.thoughtBytes);
    return { ...likely, quantities: { ...likely.quantities, reasoning_token: shown, silent_second: silence } };
  }

  private read(): void {
    for (const event of this.unread.flatMap(eventsOf)) {
      const { text, thinking, partial_json: json } = deltaOf(event);
      this.textBytes += Buffer.byteLength(textOf(text) + textOf(json));
      this.thoughtBytes += Buffer.byteLength(textOf(thinking));
    }
    this.unread = [];
    this.unreadBytes = 0;
  }
}

/** What a whole message used: reported, or else estimated from what it says. */
export function usageOfAnswer(message: JsonObject): AiUsage {
  const usage = objectOf(message['usage']);
  const reported = usageOfMessage(usage);
  if (reportsOutput(usage)) return reported;
  const blocks = listOf(message['content']).map(objectOf);
  return estimated(
    reported,
    blocks.reduce((bytes, { text, thinking, input }) => {
      const json = input === undefined ? '' : JSON.stringify(input);
      return bytes + Buffer.byteLength(textOf(text) + textOf(thinking) + json);
    }, 0),
  );
}

function deltaOf(event: Buffer): JsonObject {
  const { event: name, data } = parseEvent(event);
  return name === 'content_block_delta' ? objectOf(objectOf(readable(data))['delta']) : {};
}

/** Null when it is no JSON: its caller could not read it, either. */
function readable(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
