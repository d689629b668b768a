import { type JsonObject, ProviderFault } from '#application/gateway/ai-provider';
import { jsonObjectIn } from './answer-json.js';
import { type CompletionMeter, saysSomething } from './completion-meter.js';
import { EventSplitter, eventsOf, MOST_BYTES_BEFORE_AN_ANSWER, parseEvent } from './server-sent-events.js';
import { isObject } from './translation/fields.js';
import type { MessageStream } from './translation/message-stream.js';
import { LINGER_MS, type UpstreamBody } from './upstream-exchange.js';
import { type AskedModel, failureWithin } from './upstream-failure.js';

/** What callers get of a stream of chunks: in their dialect, empty when it says nothing there. */
export interface CompletionForm {
  /** Whether the chunk that has the usage alone is delivered. */
  readonly includesUsage: boolean;
  of(events: Buffer): Uint8Array | string;
  /** What comes after the last event. */
  end(): string;
}

/** Byte for byte. */
export class AsSent implements CompletionForm {
  constructor(readonly includesUsage: boolean) {}

  of(events: Buffer): Uint8Array {
    return events;
  }

  end(): string {
    return '';
  }
}

/** As Anthropic's events. */
export class AsMessage implements CompletionForm {
  readonly includesUsage = true;

  constructor(
    private readonly provider: string,
    private readonly message: MessageStream,
  ) {}

  of(events: Buffer): string {
    return eventsOf(events)
      .map((event) => parseEvent(event).data)
      .map((data) => (data === '' || data === DONE ? '' : this.message.push(jsonObjectIn(this.provider, data, null))))
      .join('');
  }

  end(): string {
    return this.message.end();
  }
}

const DONE = '[DONE]';
const BLANK_LINE = Buffer.from('\n\n');

/**
 * The pieces of streamed chat completions: the whole events of what came at once, the first of them with the first chunk.
 * Throws what an `error` in a chunk means, and ProviderFault when the answer ends with neither `[DONE]` nor a finish_reason;
 * ProviderRefusal only before the first piece.
 */
export async function* completionPieces(
  asked: AskedModel,
  body: UpstreamBody,
  meter: CompletionMeter,
  form: CompletionForm,
): AsyncGenerator<Uint8Array | string, void, void> {
  const { provider } = asked;
  const splitter = new EventSplitter(provider);
  const reading = new Reading(asked, meter, form.includesUsage);
  let lingering: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of body) {
      if (reading.done) continue;
      const { deliverable, failure } = reading.read(splitter.take(chunk));
      if (deliverable !== null) {
        const piece = form.of(deliverable);
        if (piece.length > 0) yield piece;
      }
      if (failure !== null) throw failure;
      if (reading.done) lingering = setTimeout(() => body.destroy(), LINGER_MS);
    }
  } catch (error) {
    // Everything was delivered: how the connection ended is of no interest.
    if (!reading.done) throw error;
  } finally {
    clearTimeout(lingering);
  }
  const last = reading.done ? null : reading.rest(splitter.rest());
  if (last !== null) {
    const piece = form.of(last);
    if (piece.length > 0) yield piece;
  }
  if (!reading.done && !reading.finished) {
    throw new ProviderFault('invalid_answer', `${provider} ended its answer before it was complete.`, null, null);
  }
  const end = form.end();
  if (end !== '') yield end;
}

interface Read {
  /** Null when there is nothing. */
  readonly deliverable: Buffer | null;
  readonly failure: Error | null;
}

const NOTHING_YET: Read = { deliverable: null, failure: null };

/** Looks into what passes as little as can be: chunks are parsed when they hold usage or an error, and in the beginning. */
class Reading {
  /** `[DONE]` was received. */
  done = false;
  /** A finish_reason was received. */
  finished = false;
  private begun = false;
  private early: Buffer[] = [];
  private earlyBytes = 0;

  constructor(
    private readonly asked: AskedModel,
    private readonly meter: CompletionMeter,
    private readonly includesUsage: boolean,
  ) {}

  read(events: Buffer): Read {
    if (events.length === 0) return NOTHING_YET;
    if (!this.begun) {
      // Comments that keep the connection alive are no answer yet.
      if (!events.includes('data:')) return this.wait(events);
      const all = this.early.length === 0 ? events : Buffer.concat([...this.early, events]);
      this.early = [];
      return this.lookInto(all);
    }
    if (!this.meter.hasBegun) return this.lookInto(events);
    if (saysMoreThanWords(events)) return this.lookInto(events);
    this.meter.deliver(events);
    return { deliverable: events, failure: null };
  }

  /** A last event whose blank line was forgotten; null when it was cut off. */
  rest(bytes: Buffer): Buffer | null {
    if (!this.begun || bytes.length === 0) return null;
    const { data } = parseEvent(bytes);
    if (data !== DONE && findObject(data) === null) return null;
    const { deliverable, failure } = this.lookInto(Buffer.concat([bytes, BLANK_LINE]));
    if (failure !== null) throw failure;
    return deliverable;
  }

  private wait(comments: Buffer): Read {
    this.early.push(comments);
    this.earlyBytes += comments.length;
    const isTooMuch = this.earlyBytes > MOST_BYTES_BEFORE_AN_ANSWER;
    return { deliverable: null, failure: isTooMuch ? this.fault('sent comments and no answer') : null };
  }

  private lookInto(events: Buffer): Read {
    const kept: Buffer[] = [];
    let failure: Error | null = null;
    for (const event of eventsOf(events)) {
      if (this.meter.hasBegun && !saysMoreThanWords(event)) {
        this.meter.deliver(event);
        kept.push(event);
        continue;
      }
      const { data } = parseEvent(event);
      if (data === DONE) {
        // Nothing at all is no answer, however properly it ends.
        if (!this.begun) return { deliverable: null, failure: this.fault('answered nothing') };
        this.done = true;
      } else if (data !== '') {
        const { chunk, problem } = this.chunkIn(data);
        failure = problem;
        if (chunk === null) break;
        this.begun = true;
        if (!this.meter.hasBegun && saysSomething(chunk)) this.meter.begin();
        if (this.count(chunk, event) && !this.includesUsage) continue;
      }
      kept.push(event);
      if (this.done) break;
    }
    return { deliverable: kept.length === 0 || !this.begun ? null : Buffer.concat(kept), failure };
  }

  private chunkIn(data: string): { readonly chunk: JsonObject | null; readonly problem: Error | null } {
    const chunk = findObject(data);
    if (chunk === null) return { chunk, problem: this.fault('sent an event that is no JSON object') };
    const { error } = chunk;
    if (!isObject(error) && typeof error !== 'string') return { chunk, problem: null };
    return { chunk: null, problem: failureWithin(this.asked, chunk, this.begun ? 'begun' : 'unanswered') };
  }

  private fault(what: string): ProviderFault {
    return new ProviderFault('invalid_answer', `${this.asked.provider} ${what}.`, null, null);
  }

  /** Whether the chunk has nothing but usage. */
  private count(chunk: JsonObject, event: Buffer): boolean {
    const { usage, choices } = chunk;
    this.finished ||= follows(event.toString('latin1'), '"finish_reason"', '"');
    this.meter.finish(chunk);
    this.meter.deliver(event);
    if (!isObject(usage)) return false;
    this.meter.report(usage);
    return Array.isArray(choices) && choices.length === 0;
  }
}

/** Whether there is the end of an answer, a count or an error among the events. */
function saysMoreThanWords(events: Buffer): boolean {
  // One byte for each character: four searches of a string cost less than one of bytes.
  const text = events.toString('latin1');
  const isLast = follows(text, '"finish_reason"', '"') || text.includes(DONE);
  return isLast || follows(text, '"usage"', '{') || follows(text, '"error"', '{"');
}

/**
 * Whether there is the field with a value that begins with one of these characters. Within a text its quotes would be
 * escaped, and it would not be found.
 */
function follows(text: string, field: string, beginnings: string): boolean {
  for (let at = text.indexOf(field); at !== -1; at = text.indexOf(field, at)) {
    at += field.length;
    while (text[at] === ' ') at++;
    if (text[at] !== ':') continue;
    at++;
    while (text[at] === ' ') at++;
    if (at < text.length && beginnings.includes(text[at]!)) return true;
  }
  return false;
}

function findObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
