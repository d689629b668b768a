import Anthropic from '@anthropic-ai/sdk';
import { readFile } from 'node:fs/promises';
import OpenAI, { toFile } from 'openai';
import type { TestUser } from '#test/support/app';
import { GatewayWorld } from './gateway-world.js';

describe("OpenAI's and Anthropic's own clients against the gateway", () => {
  let world: GatewayWorld;
  let user: TestUser;
  let openai: OpenAI;
  let anthropic: Anthropic;

  beforeAll(async () => {
    world = await GatewayWorld.start();
    user = await world.userWith(1000);
    openai = new OpenAI({ apiKey: user.key, baseURL: `${world.app.url}/v1` });
    anthropic = new Anthropic({ apiKey: user.key, baseURL: world.app.url });
  });
  afterAll(() => world.stop());

  it('OpenAI: a completion comes back whole, and is charged by its tokens', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: 'sandbox-chat', messages: [{ role: 'user', content: 'Say hello' }], max_tokens: 50 })
      .withResponse();
    expect(data.choices[0]?.message.content).toContain('Say hello');
    expect(response.headers.get('x-provider')).toBe('sandbox');
    const { logs } = await world.booksOf(user);
    const log = logs.at(-1)!;
    expect(log).toMatchObject({ outcome: 'completed', usage_source: 'provider', streamed: false });
    expect(log.quantities).toEqual({
      input_token: data.usage!.prompt_tokens,
      output_token: data.usage!.completion_tokens,
    });
    expect(response.headers.get('x-cost-micros')).toBe(String(log.cost));
    expect(log.cost).toBeGreaterThan(0);
  });

  it('OpenAI: a stream arrives in pieces and is charged by the tail', async () => {
    const stream = await openai.chat.completions.create({
      model: 'sandbox-chat',
      messages: [{ role: 'user', content: 'Stream it' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toContain('Stream it');
    expect(usage!.completion_tokens).toBeGreaterThan(5);
  });

  it('OpenAI: a transcription', async () => {
    const file = await toFile(await readFile('test/fixtures/audio/coaching.mp3'), 'coaching.mp3');
    const text = await openai.audio.transcriptions.create({ model: 'sandbox-transcribe', file });
    expect(text.text).toContain('sandbox');
    const { logs } = await world.booksOf(user);
    expect(logs.at(-1)).toMatchObject({ quantities: { audio_second: 21 }, cost: 2100 });
  });

  it('OpenAI: a picture', async () => {
    const picture = await openai.images.generate({ model: 'sandbox-image', prompt: 'A tree', size: '1024x1024' });
    expect(picture.data?.[0]?.b64_json).toBeTruthy();
    const { logs } = await world.booksOf(user);
    expect(logs.at(-1)).toMatchObject({ quantities: { image: 1 }, outcome: 'completed' });
  });

  it('Anthropic: a message comes back whole', async () => {
    const message = await anthropic.messages.create({
      model: 'sandbox-chat',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    expect(message.content[0]).toMatchObject({ type: 'text' });
    expect(message.stop_reason).toBe('end_turn');
  });

  it('Anthropic: a stream arrives in pieces', async () => {
    const stream = anthropic.messages.stream({
      model: 'sandbox-chat',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    const message = await stream.finalMessage();
    expect(message.usage.output_tokens).toBeGreaterThan(5);
    expect(message.content[0]).toMatchObject({ type: 'text' });
  });

  it('leaves nothing held, and a balance that is the sum of its entries', async () => {
    const books = await world.booksOf(user);
    expect(books).toMatchObject({ held: 0, openHolds: 0 });
    expect(books.balance).toBe(books.entries);
    expect(books.logs).toHaveLength(6);
    expect(books.balance).toBe(10_000_000 - books.logs.reduce((sum, { cost }) => sum + cost, 0));
  });
});
