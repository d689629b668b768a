import { MessageMeter } from '#infrastructure/gateway/anthropic-meter';
import { AS_SENT, messagePieces } from '#infrastructure/gateway/anthropic-stream';
import { CompletionMeter } from '#infrastructure/gateway/completion-meter';
import { AsSent, completionPieces } from '#infrastructure/gateway/openai-stream';
import type { UpstreamBody } from '#infrastructure/gateway/upstream-exchange';
import { eventsOf, messageFor, sse } from '#test/support/ai/anthropic-messages';
import * as double from '#test/support/ai/openai-double';

const ASKED = { provider: 'openai', model: 'gpt-5-mini' };

/** Each event in a chunk of its own, which no network promises. */
function bodyOf(events: readonly string[]): UpstreamBody {
  const chunks = async function* () {
    for (const event of events) yield Buffer.from(event);
  };
  return Object.assign(chunks(), { destroy: () => undefined }) as unknown as UpstreamBody;
}

async function told(pieces: AsyncIterable<unknown>, meter: { readonly isFinishing: boolean }) {
  const states: boolean[] = [];
  const reading = pieces[Symbol.asyncIterator]();
  while (!(await reading.next()).done) states.push(meter.isFinishing);
  return states;
}

describe('A stream is finishing', () => {
  const { chunk, CONTENT, DONE, usageChunk } = double;
  const end = (index: number) => double.sse({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });

  it('once its choice has a finish_reason, not when its text has that word', async () => {
    const meter = new CompletionMeter({});
    const events = [...CONTENT.slice(0, 2), chunk({ content: '"finish_reason": "stop"' }), end(0), usageChunk(), DONE];
    const pieces = completionPieces(ASKED, bodyOf(events), meter, new AsSent(true));
    expect(await told(pieces, meter)).toEqual([false, false, false, true, true, true]);
  });

  it('once every choice has one', async () => {
    const meter = new CompletionMeter({ n: 2 });
    const events = [...CONTENT.slice(0, 2), end(0), chunk({ content: 'a' }), end(0), end(1), usageChunk(), DONE];
    const pieces = completionPieces(ASKED, bodyOf(events), meter, new AsSent(true));
    expect(await told(pieces, meter)).toEqual([false, false, false, false, false, true, true, true]);
  });

  it('once a block that is no thought is closed, until another begins, and when its reason to stop is given', async () => {
    const meter = new MessageMeter(true);
    const tools = [{ name: 'get_weather', input_schema: {} }];
    const message = eventsOf(messageFor({ model: 'm', max_tokens: 9, tools, thinking: { type: 'enabled' } }));
    const events = message.filter(({ type }) => type !== 'ping');
    const pieces = messagePieces(ASKED, bodyOf(events.map(sse)), meter, AS_SENT);
    const states = await told(pieces, meter);
    const finishing = events.map(({ type }, index) => [type, states[index]]).filter(([, state]) => state);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'content_block_start').length).toBeGreaterThan(2);
    expect(finishing.map(([type]) => type)).toEqual([
      ...types.filter((type) => type === 'content_block_stop').slice(1),
      'message_delta',
      'message_stop',
    ]);
  });
});
