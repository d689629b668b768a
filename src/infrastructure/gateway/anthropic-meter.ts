import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage } from '#domain/providers/ai-usage';
import { corrected, estimated, reportsOutput, usageOfMessage } from './anthropic-usage.js';
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
    this.final = reportsOutput(usage) && textOf(objectOf(event['delta'])['stop_reason']) !== '';
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
    return estimated(reported, this.textBytes);
  }

  private read(): void {
    for (const event of this.unread.flatMap(eventsOf)) this.textBytes += textBytesOf(event);
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

function textBytesOf(event: Buffer): number {
  const { event: name, data } = parseEvent(event);
  if (name !== 'content_block_delta') return 0;
  const { text, thinking, partial_json: json } = objectOf(objectOf(readable(data))['delta']);
  return Buffer.byteLength(textOf(text) + textOf(thinking) + textOf(json));
}

/** Null when it is no JSON: its caller could not read it, either. */
function readable(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
