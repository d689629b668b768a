import { type JsonObject, ProviderFault } from '#application/gateway/ai-provider';
import { anthropicFailureInside, anthropicFaultInside } from './anthropic-failure.js';
import type { MessageMeter } from './anthropic-meter.js';
import { EventSplitter, eventsOf, MOST_BYTES_BEFORE_AN_ANSWER, parseEvent } from './server-sent-events.js';
import type { CompletionStream } from './translation/completion-stream.js';
import { LINGER_MS } from './upstream-exchange.js';
import type { AskedModel } from './upstream-failure.js';
import { isObject } from './translation/fields.js';

/** What callers get of whole events: in their dialect, empty when it says nothing there. */
export interface MessageForm {
  of(events: Buffer, ended: boolean): Uint8Array | string;
}

/** Byte for byte. */
export const AS_SENT: MessageForm = { of: (events) => events };

/** As OpenAI's chunks. */
export class AsCompletion implements MessageForm {
  constructor(
    private readonly provider: string,
    private readonly completion: CompletionStream,
  ) {}

  of(events: Buffer, ended: boolean): string {
    const chunks = eventsOf(events).map((event) => {
      const { data } = parseEvent(event);
      return data === '' ? '' : this.completion.push(jsonOf(this.provider, data));
    });
    return chunks.join('') + (ended ? this.completion.end() : '');
  }
}

/**
 * The pieces of a streamed message: the whole events of what came at once, the first of them with message_start. Throws
 * what an `error` event means, and ProviderFault when the answer ends before message_stop; ProviderRefusal only before the
 * first piece.
 */
export async function* messagePieces(
  asked: AskedModel,
  body: AsyncIterable<Buffer> & { destroy(): void },
  meter: MessageMeter,
  form: MessageForm,
): AsyncGenerator<Uint8Array | string, void, void> {
  const { provider } = asked;
  const splitter = new EventSplitter(provider);
  const early: Buffer[] = [];
  let earlyBytes = 0;
  let lingering: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of body) {
      const events = splitter.take(chunk);
      // What follows message_stop is waited for, so that the connection can be used again; but it is no answer any more.
      if (events.length === 0 || meter.ended) continue;
      const begun = meter.begun;
      const { delivered, failure } = read(asked, events, meter);
      if (!meter.begun) {
        early.push(delivered);
        earlyBytes += delivered.length;
      } else if (delivered.length > 0) {
        const whole = begun ? delivered : Buffer.concat([...early, delivered]);
        meter.deliver(whole);
        const piece = form.of(whole, meter.ended);
        if (piece.length > 0) yield piece;
      }
      if (failure) throw failure;
      if (earlyBytes > MOST_BYTES_BEFORE_AN_ANSWER) {
        throw new ProviderFault('invalid_answer', `${provider} sent comments and no answer.`, null, null);
      }
      if (meter.ended) lingering = setTimeout(() => body.destroy(), LINGER_MS);
    }
  } catch (error) {
    // Everything was delivered: how the connection ended is of no interest.
    if (!meter.ended) throw error;
  } finally {
    clearTimeout(lingering);
  }
  if (meter.ended) return;
  throw new ProviderFault('invalid_answer', `${provider} ended its answer before message_stop.`, null, null);
}

/** Parts of the names of the events that the meter hears of. */
const TOLD = ['message_', 'content_block_st', 'error'];

interface Read {
  /** Everything before an error. */
  readonly delivered: Buffer;
  readonly failure: Error | null;
}

function read(asked: AskedModel, events: Buffer, meter: MessageMeter): Read {
  if (meter.begun && !TOLD.some((name) => events.includes(name))) {
    return { delivered: events, failure: null };
  }
  let length = 0;
  for (const event of eventsOf(events)) {
    const data = () => jsonOf(asked.provider, parseEvent(event).data);
    switch (nameOf(event)) {
      case 'message_start':
        meter.start(data());
        break;
      case 'content_block_start':
        meter.begin(data());
        break;
      case 'content_block_stop':
        meter.close();
        break;
      case 'message_delta':
        meter.delta(data());
        break;
      case 'message_stop':
        meter.stop();
        break;
      case 'error': {
        const failure = (meter.begun ? anthropicFaultInside : anthropicFailureInside)(asked, data());
        return { delivered: events.subarray(0, length), failure };
      }
    }
    length += event.length;
  }
  return { delivered: events, failure: null };
}

/** Longer than the longest name, with its field. */
const NAME_BYTES = 40;

/** Empty when it has none. */
function nameOf(event: Buffer): string {
  const name = /^event: ?([a-z_]+)[\r\n]/.exec(event.toString('latin1', 0, NAME_BYTES));
  return name?.[1] ?? parseEvent(event).event ?? '';
}

function jsonOf(provider: string, data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ProviderFault('invalid_answer', `${provider} sent an event that is no JSON object.`, null, null);
}
