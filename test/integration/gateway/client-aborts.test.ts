import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { RunningRequests } from '#application/gateway/running-requests';
import type { TestUser } from '#test/support/app';
import { GatewayWorld, type LogRow } from './gateway-world.js';

const CREDIT = 1_000_000;

/** Arguments of so many names take hundreds of tokens to say. */
const MANY = Object.fromEntries(
  Array.from({ length: 450 }, (_, n) => [`a_property_with_number_${n}`, { type: 'string' }]),
);

describe('An official client that is told to stop in mid-stream', () => {
  let world: GatewayWorld;
  beforeAll(async () => {
    world = await GatewayWorld.start();
  });
  afterAll(() => world.stop());

  /** What was delivered is charged: all that arrived, and what was on its way; never the whole. */
  const mustBeChargedFor = async (user: TestUser, pieces: number, all: number): Promise<void> => {
    await world.app.container.get(RunningRequests).idle();
    const { logs, ...books } = await world.booksOf(user);
    const [log] = logs as [LogRow];
    expect(logs).toMatchObject([{ outcome: 'client_gone', usage_source: 'estimate', streamed: true }]);
    expect(log.quantities['output_token']).toBeGreaterThanOrEqual(pieces);
    expect(log.quantities['output_token']).toBeLessThan(all);
    const left = CREDIT - log.cost;
    expect(books).toEqual({ balance: left, entries: left, held: 0, openHolds: 0 });
  };

  it('OpenAI: stops being charged', async () => {
    const user = await world.userWith(100);
    const client = new OpenAI({ apiKey: user.key, baseURL: `${world.app.url}/v1` });
    const stream = await client.chat.completions.create({
      model: 'sandbox-chat',
      messages: [{ role: 'user', content: 'Talk '.repeat(100) }],
      n: 128,
      stream: true,
    });
    let pieces = 0;
    for await (const { choices } of stream) {
      if (choices[0]?.delta.content) pieces += 1;
      if (pieces === 5) stream.controller.abort();
    }
    await mustBeChargedFor(user, 5, 128 * 30);
  });

  it('Anthropic: stops being charged, and its helper says that it was stopped', async () => {
    const user = await world.userWith(100);
    const client = new Anthropic({ apiKey: user.key, baseURL: world.app.url });
    const tool = { name: 'many', input_schema: { type: 'object' as const, properties: MANY } };
    const ask = {
      model: 'sandbox-chat',
      max_tokens: 4096,
      tools: [tool],
      tool_choice: { type: 'tool' as const, name: 'many' },
      messages: [{ role: 'user' as const, content: 'Hello' }],
    };
    const whole = await client.messages.create(ask);
    const other = await world.userWith(100);
    const stream = new Anthropic({ apiKey: other.key, baseURL: world.app.url }).messages.stream(ask);
    let pieces = 0;
    stream.on('inputJson', () => {
      pieces += 1;
      if (pieces === 5) stream.abort();
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await mustBeChargedFor(other, 5, whole.usage.output_tokens);
  });
});
