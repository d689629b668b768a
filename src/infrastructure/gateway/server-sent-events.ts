import { ProviderFault } from '#application/gateway/ai-provider';

/** More than any model says in one event. */
export const LARGEST_EVENT_BYTES = 8 * 1024 * 1024;

/** Comments that keep a connection alive while a model thinks have a few bytes each, every few seconds. */
export const MOST_BYTES_BEFORE_AN_ANSWER = 1024 * 1024;

const LF = 10;
const CR = 13;
const BLANK_LINE = Buffer.from('\n\n');
const NOTHING = Buffer.alloc(0);

/** Where a byte stream stands: within a line, at the start of one, after a CR that a LF may complete, or after a blank line of that kind. */
type Position = 'line' | 'start' | 'after_cr' | 'after_blank_cr';

/**
 * Cuts a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) into whole events
 * without decoding or changing them. Lines may end in LF, CRLF or CR.
 */
export class EventSplitter {
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private position: Position = 'start';

  constructor(
    /** For the message of a fault. */
    private readonly provider: string,
  ) {}

  /**
   * All events that this chunk made whole, with their blank lines, as one piece; empty when there is none. Throws
   * ProviderFault (`invalid_answer`) once an event has more than 8 MB.
   */
  take(chunk: Buffer): Buffer {
    const end = this.lastEnd(chunk);
    if (end === null) {
      this.keep(chunk);
      return NOTHING;
    }
    const head = end === chunk.length ? chunk : chunk.subarray(0, end);
    const whole = this.kept.length === 0 ? head : Buffer.concat([...this.kept, head]);
    this.kept = [];
    this.keptBytes = 0;
    if (end < chunk.length) this.keep(chunk.subarray(end));
    return whole;
  }

  /** Like `take`, one by one. */
  push(chunk: Buffer): Buffer[] {
    return eventsOf(this.take(chunk));
  }

  /** What has come since the last whole event: nothing, in a stream that ended as it should. */
  rest(): Buffer {
    return Buffer.concat(this.kept);
  }

  /** Where the last event in the chunk ends, 0 when that is before its first byte; null when none ends in it. */
  private lastEnd(chunk: Buffer): number | null {
    if ((this.position === 'line' || this.position === 'start') && !chunk.includes(CR)) return this.lastEndByLf(chunk);
    let last: number | null = null;
    this.position = scan(chunk, this.position, (end) => (last = end));
    return last;
  }

  /** What every provider in fact sends, found by the run time's own search. */
  private lastEndByLf(chunk: Buffer): number | null {
    if (chunk.length === 0) return null;
    const blank = chunk.lastIndexOf(BLANK_LINE);
    const atOnce = this.position === 'start' && chunk[0] === LF ? 1 : null;
    this.position = chunk[chunk.length - 1] === LF ? 'start' : 'line';
    return blank === -1 ? atOnce : blank + BLANK_LINE.length;
  }

  private keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.kept.push(chunk);
    this.keptBytes += chunk.length;
    if (this.keptBytes > LARGEST_EVENT_BYTES) {
      const message = `${this.provider} sent an event of more than ${LARGEST_EVENT_BYTES} bytes.`;
      throw new ProviderFault('invalid_answer', message, null, null);
    }
  }
}

/** The events of a piece that holds whole ones alone. */
export function eventsOf(piece: Buffer): Buffer[] {
  if (piece.length === 0) return [];
  const events: Buffer[] = [];
  let begin = 0;
  const cut = (end: number) => {
    events.push(piece.subarray(begin, end));
    begin = end;
  };
  scan(piece, 'start', cut);
  if (begin < piece.length) cut(piece.length);
  return events;
}

function scan(bytes: Buffer, from: Position, ended: (end: number) => void): Position {
  let position = from;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (position === 'after_blank_cr') {
      position = 'start';
      ended(byte === LF ? index + 1 : index);
      if (byte === LF) continue;
    }
    if (byte === LF) {
      if (position === 'start') ended(index + 1);
      position = 'start';
    } else if (byte === CR) {
      position = position === 'line' ? 'after_cr' : 'after_blank_cr';
    } else {
      position = 'line';
    }
  }
  return position;
}

export interface ParsedEvent {
  /** Null when it has no name. */
  readonly event: string | null;
  /** Of several lines, joined by LF; empty when there are none. */
  readonly data: string;
}

/** What one event says; comments and other fields are left out. */
export function parseEvent(bytes: Buffer): ParsedEvent {
  const text = bytes.toString('utf8');
  const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n');
  let event: string | null = null;
  const data: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    if (name !== 'data' && name !== 'event') continue;
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') data.push(value);
    else event = value;
  }
  return { event, data: data.join('\n') };
}
