import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { EventSplitter, LARGEST_EVENT_BYTES, eventsOf, parseEvent } from '#infrastructure/gateway/server-sent-events';

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.constantFrom(
    'data: Grüezi',
    'data:x',
    'data',
    'event: ping',
    ': comment',
    'id: 7',
    'data:  two',
    'data: {"a":": b"}',
  ),
  fc.string({ unit: fc.constantFrom('a', ':', ' ', 'ü', '😀'), minLength: 1, maxLength: 8 }),
);
const event = fc
  .tuple(fc.array(fc.tuple(line, lineEnd), { minLength: 1, maxLength: 4 }), lineEnd)
  .map(([lines, blank]) => lines.flat().join('') + blank);
const stream = fc.array(event, { maxLength: 6 }).map((events) => Buffer.from(events.join('')));
const uniform = fc
  .tuple(fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), lineEnd)
  .map(([events, end]) => events.map((lines) => lines.map((each) => each + end).join('') + end).join(''));

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

function split(chunks: readonly Buffer[]): { readonly events: readonly string[]; readonly rest: string } {
  const splitter = new EventSplitter('openai');
  const events = chunks.flatMap((chunk) => splitter.push(chunk)).map(String);
  return { events, rest: String(splitter.rest()) };
}

describe('Server-sent events', () => {
  it('are the same however the network cuts their stream', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        expect(split(cutAt(bytes, places))).toEqual(split([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('lose no byte, and change none', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        const { events, rest } = split(cutAt(bytes, places));
        expect(events.join('') + rest).toBe(bytes.toString('utf8'));
      }),
      { numRuns: 300 },
    );
  });

  it('say what a well-known parser reads', () => {
    fc.assert(
      fc.property(uniform, fc.array(fc.nat(), { maxLength: 8 }), (text, places) => {
        const known: { event: string | null; data: string }[] = [];
        const parser = createParser({
          onEvent: ({ event: name, data }) => known.push({ event: name || null, data }),
        });
        parser.feed(text);
        // It waits for what may follow a CR at the very end, and so do we.
        const { events } = split([...cutAt(Buffer.from(text), places), Buffer.from(': end\n')]);
        parser.feed(': end\n');
        const parsed = events
          .map((each) => ({ ...parseEvent(Buffer.from(each)), hasData: /(^|[\r\n])data/.test(each) }))
          .filter(({ hasData }) => hasData)
          .map(({ event: name, data }) => ({ event: name || null, data }));
        expect(parsed).toEqual(known);
      }),
      { numRuns: 300 },
    );
  });

  it('come at once with their blank line, several as one piece when they came together', () => {
    const splitter = new EventSplitter('openai');
    expect(String(splitter.take(Buffer.from('data: 1\n\ndata: 2\n\nda')))).toBe('data: 1\n\ndata: 2\n\n');
    expect(String(splitter.take(Buffer.from('ta: 3\n')))).toBe('');
    expect(String(splitter.take(Buffer.from('\n')))).toBe('data: 3\n\n');
    expect(splitter.rest()).toHaveLength(0);
  });

  it('are taken apart from a piece of whole ones', () => {
    expect(eventsOf(Buffer.from('data: 1\r\n\r\n: c\r\rdata: 2\n\n')).map(String)).toEqual([
      'data: 1\r\n\r\n',
      ': c\r\r',
      'data: 2\n\n',
    ]);
  });

  it('join the lines of their data, and say nothing of comments', () => {
    expect(parseEvent(Buffer.from('event: a\ndata: 1\n: no\nid: 4\ndata:2\ndata\n\n'))).toEqual({
      event: 'a',
      data: '1\n2\n',
    });
    expect(parseEvent(Buffer.from(': ping\n\n'))).toEqual({ event: null, data: '' });
  });

  it('of more than 8 MB are no answer', () => {
    const splitter = new EventSplitter('openai');
    const chunk = Buffer.alloc(LARGEST_EVENT_BYTES / 2, 'a');
    splitter.take(chunk);
    splitter.take(chunk);
    expect(() => splitter.take(Buffer.from('a'))).toThrow(expect.objectContaining({ kind: 'invalid_answer' }));
  });
});
