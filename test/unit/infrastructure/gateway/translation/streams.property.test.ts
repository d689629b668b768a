import fc from 'fast-check';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '#application/gateway/ai-provider';
import { CompletionStream } from '#infrastructure/gateway/translation/completion-stream';
import { MessageStream } from '#infrastructure/gateway/translation/message-stream';
import { answerIn, blocksIn, chunksIn, eventsIn, type SentAnswer, type SentBlock } from './sent-events.js';

/** A failure prints the seed; this repeats it: SEED=… on the command line. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 2_147_483_647);
const RUNS = 500;

const piece = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constant('\n\ndata: '),
);

/** One thing that a chunk can say. */
type Saying =
  | { readonly what: 'text'; readonly piece: string }
  | { readonly what: 'reasoning'; readonly piece: string }
  | { readonly what: 'call'; readonly index: number; readonly piece: string }
  | { readonly what: 'nothing'; readonly delta: JsonObject };

const saying: fc.Arbitrary<Saying> = fc.oneof(
  fc.record({ what: fc.constantFrom('text' as const, 'reasoning' as const), piece }),
  { weight: 2, arbitrary: fc.record({ what: fc.constant('call' as const), index: fc.nat({ max: 3 }), piece }) },
  fc.record({
    what: fc.constant('nothing' as const),
    delta: fc.constantFrom<JsonObject>({}, { tool_calls: [] }, { annotations: [] }, { content: '' }, { content: null }),
  }),
);

/** Chunks that say all this, and what they say in sum. The first piece of a call names it; or, when late, the second. */
function chunked(sayings: readonly Saying[], lateNames: boolean): { chunks: JsonObject[]; sum: SentAnswer } {
  const calls = new Map<number, { id: string; name: string; text: string; pieces: number }>();
  let text = '';
  let reasoning = '';
  const deltas = sayings.map((said): JsonObject => {
    if (said.what === 'nothing') return said.delta;
    if (said.what === 'text') {
      text += said.piece;
      return { content: said.piece };
    }
    if (said.what === 'reasoning') {
      reasoning += said.piece;
      return { reasoning_content: said.piece };
    }
    const call = calls.get(said.index) ?? { id: `call_${said.index}`, name: `f${said.index}`, text: '', pieces: 0 };
    calls.set(said.index, call);
    call.text += said.piece;
    const first = call.pieces === 0;
    const named = call.pieces === (lateNames ? 1 : 0);
    call.pieces++;
    const called = { ...(named ? { name: call.name } : {}), arguments: said.piece };
    return {
      tool_calls: [{ index: said.index, ...(first ? { id: call.id, type: 'function' } : {}), function: called }],
    };
  });
  const ids = [...calls.values()].map((call) => ({
    id: call.id,
    name: lateNames && call.pieces < 2 ? '' : call.name,
    text: call.text,
  }));
  const chunks = deltas.map((delta) => ({ id: 'c', choices: [{ index: 0, delta, finish_reason: null }] }));
  return { chunks, sum: { text, reasoning, calls: ids } };
}

function asEvents(chunks: readonly JsonObject[]): RawMessageStreamEvent[] {
  const stream = new MessageStream('m', 5);
  return eventsIn(chunks.map((chunk) => stream.push(chunk)).join('') + stream.end());
}

function asChunks(events: readonly unknown[]): ReturnType<typeof chunksIn> {
  const stream = new CompletionStream({ includeUsage: true, createdSeconds: 1 });
  return chunksIn(events.map((event) => stream.push(event as JsonObject)).join('') + stream.end());
}

function sumOf(blocks: readonly SentBlock[]): SentAnswer {
  const all = (type: string): string => blocks.map((block) => (block.type === type ? block.text : '')).join('');
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  return {
    text: all('text'),
    reasoning: all('thinking'),
    calls: calls.map(({ id, name, text }) => ({ id, name, text })),
  };
}

/** As OpenAI's clients want it: no arguments are an empty object. */
const parsable = (answer: SentAnswer): SentAnswer => ({
  ...answer,
  calls: answer.calls.map((call) => ({ ...call, text: call.text === '' ? '{}' : call.text })),
});

/** One block of an Anthropic message: how it starts, and the pieces that follow. */
interface Script {
  readonly type: 'text' | 'thinking' | 'tool_use';
  readonly start: string;
  readonly input: JsonObject;
  readonly pieces: readonly string[];
}

const script: fc.Arbitrary<Script> = fc.record({
  type: fc.constantFrom('text' as const, 'thinking' as const, 'tool_use' as const),
  start: piece,
  input: fc.constantFrom<JsonObject>({}, { city: 'Bern' }),
  pieces: fc.array(piece, { maxLength: 5 }),
});

function played(scripts: readonly Script[]): { events: JsonObject[]; sum: SentAnswer } {
  const events: JsonObject[] = [{ type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 1 } } }];
  const blocks: SentBlock[] = [];
  scripts.forEach(({ type, start, input, pieces }, index) => {
    const [id, name] = type === 'tool_use' ? [`toolu_${index}`, `f${index}`] : ['', ''];
    const opening = type === 'tool_use' ? { type, id, name, input } : { type, [type]: start };
    events.push({ type: 'content_block_start', index, content_block: opening });
    for (const said of pieces) {
      const delta = {
        text: { type: 'text_delta', text: said },
        thinking: { type: 'thinking_delta', thinking: said },
        tool_use: { type: 'input_json_delta', partial_json: said },
      }[type];
      events.push({ type: 'content_block_delta', index, delta }, { type: 'ping' });
    }
    events.push({ type: 'content_block_stop', index });
    const text = pieces.join('');
    blocks.push({ type, id, name, text: type === 'tool_use' ? text || JSON.stringify(input) : start + text });
  });
  events.push({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } });
  events.push({ type: 'message_stop' });
  return { events, sum: sumOf(blocks) };
}

describe(`streams of any shape (seed ${SEED})`, () => {
  it('of OpenAI become well-formed Anthropic streams that say the same', () => {
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 25 }), fc.boolean(), (sayings, lateNames) => {
        const { chunks, sum } = chunked(sayings, lateNames);
        expect(sumOf(blocksIn(asEvents(chunks)))).toEqual(sum);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('of OpenAI say the same after the way there and back', () => {
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 25 }), (sayings) => {
        const { chunks, sum } = chunked(sayings, false);
        expect(answerIn(asChunks(asEvents(chunks)))).toEqual(parsable(sum));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('of Anthropic become well-formed OpenAI streams that say the same', () => {
    fc.assert(
      fc.property(fc.array(script, { maxLength: 6 }), (scripts) => {
        const { events, sum } = played(scripts);
        expect(answerIn(asChunks(events))).toEqual(sum);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('of Anthropic say the same after the way there and back', () => {
    fc.assert(
      fc.property(fc.array(script, { maxLength: 6 }), (scripts) => {
        const { events, sum } = played(scripts);
        const chunks = asChunks(events).map((chunk): JsonObject => ({ ...chunk }));
        expect(sumOf(blocksIn(asEvents(chunks)))).toEqual(sum);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('never break the translation, whatever JSON they hold', () => {
    const anything = fc.dictionary(
      fc.constantFrom('type', 'choices', 'usage', 'id', 'index', 'content_block', 'delta', 'message', 'x'),
      fc.oneof(fc.jsonValue(), fc.constantFrom('message_start', 'content_block_start', 'content_block_delta')),
    );
    fc.assert(
      fc.property(fc.array(anything as fc.Arbitrary<JsonObject>, { maxLength: 5 }), (objects) => {
        blocksIn(asEvents(objects));
        answerIn(asChunks(objects));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
