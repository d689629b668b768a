import { ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { AnthropicProvider } from '#infrastructure/gateway/anthropic-provider';
import { Concealment } from '#infrastructure/gateway/concealment';
import { ConfiguredAiProviders } from '#infrastructure/gateway/configured-ai-providers';
import { aMessagesRequest } from '#test/support/ai/anthropic-world';
import { OpenAiWorld } from '#test/support/ai/openai-world';
import * as double from '#test/support/ai/openai-double';
import { ManualClock } from '#test/support/fakes/manual-clock';

const KEY = 'hunter2/Plain+Secret=Value';
const OURS = new Concealment([
  { keys: [KEY], baseUrl: 'https://models.internal.example:8443/api/v1' },
  { keys: ['abc'], baseUrl: 'http://vllm:8000/v1' },
]);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('What stands in our settings', () => {
  it.each([
    ['itself', KEY],
    ['in capitals', KEY.toUpperCase()],
    ['for URLs', encodeURIComponent(KEY)],
    ['in base64', base64(KEY)],
    ['in base64 for URLs', Buffer.from(KEY).toString('base64url')],
    ['in hexadecimal', Buffer.from(KEY).toString('hex')],
  ])('is taken out of the words of a server: a key %s', (_, spelling) => {
    expect(OURS.of(`The key ${spelling} is wrong.`)).toBe('The key [key] is wrong.');
  });

  it.each([[''], ['u:'], ['us:'], ['user:'], ['Bearer ']])('is taken out of base64 that has %j before it', (before) => {
    const safe = OURS.of(`Basic ${base64(`${before}${KEY}`)}`);
    expect(safe).toContain('[key]');
    expect(Buffer.from(safe.slice('Basic '.length), 'base64').toString()).not.toMatch(/hunter2|Plain|Secret/);
  });

  it.each([
    ['https://models.internal.example:8443/api/v1/chat/completions', '[address]/chat/completions'],
    ['models.internal.example:8443', '[address]'],
    ['getaddrinfo ENOTFOUND models.internal.example', 'getaddrinfo ENOTFOUND [address]'],
    ['http://vllm:8000/v1/models', '[address]/models'],
    ['vllm:8000', '[address]'],
    ['vllm is a server', 'vllm is a server'],
    ['abc is a word', 'abc is a word'],
  ])('is taken out where it is an address: %s', (text, safe) => {
    expect(OURS.of(text)).toBe(safe);
  });

  it('is taken out without the beginning that all keys of a maker have', () => {
    const ours = new Concealment([{ keys: ['sk-live-SECRETKEY1234567890'], baseUrl: 'https://x.example' }]);
    expect(ours.of('the key ending in SECRETKEY1234567890')).toBe('the key ending in [key]');
  });

  it('is not left in half where a long message was cut off', () => {
    expect(OURS.of(`wrong: ${KEY.slice(0, 12)}`)).toBe('wrong: [key]');
  });

  it('is in neither a fault nor a refusal, its code and its field among them', () => {
    const cause = new Error('cause');
    const fault = OURS.in(new ProviderFault('unauthorized', `no ${KEY}`, 401, 5, { cause }));
    expect(fault).toMatchObject({ kind: 'unauthorized', message: 'no [key]', status: 401, retryAfterMs: 5, cause });
    const refusal = OURS.in(new ProviderRefusal(422, `no ${KEY}`, KEY, KEY));
    expect(refusal).toMatchObject({ status: 422, message: 'no [key]', code: '[key]', param: '[key]' });
    const harmless = new ProviderFault('timeout', 'late', null, null);
    expect(OURS.in(harmless)).toBe(harmless);
    expect(OURS.in(cause)).toBe(cause);
  });
});

describe('The configured providers', () => {
  let world: OpenAiWorld;
  beforeEach(async () => (world = await OpenAiWorld.begin()));
  afterEach(() => world.end());

  it('keep the keys and addresses of each other: in refusals, faults, and errors within streams', async () => {
    const openai = world.provider({ apiKey: 'first-key-0123' });
    const other = new AnthropicProvider(
      {
        name: 'other',
        baseUrl: 'https://gateway.other.example',
        apiKey: 'second key 4567',
        connectMs: 1,
        firstByteMs: 1,
        idleMs: 1,
        connections: 1,
      },
      new ManualClock('2026-03-10T12:00:00.000Z'),
    );
    new ConfiguredAiProviders([openai, other]);
    const message = `first-key-0123 second key 4567 gateway.other.example ${world.openai.origin}`;
    const ask = (of: object = {}) => openai.send({ ...aMessagesRequest(), dialect: 'openai', ...of });

    world.openai.does(double.refuses(400, { message }), double.refuses(500, { message }));
    await expect(ask()).rejects.toMatchObject({ message: '[key] [key] [address] [address]' });
    await expect(ask()).rejects.toMatchObject({ message: 'openai answered 500: [key] [key] [address] [address]' });

    world.openai.does(double.streams([double.CONTENT[1]!, double.sse({ error: { message } })]));
    const answer = await ask({ stream: true });
    if (answer.kind !== 'stream') throw new Error('The answer came as a whole.');
    const reading = (async () => {
      for await (const piece of answer.pieces) expect(String(piece)).not.toContain('first-key');
    })();
    await expect(reading).rejects.toMatchObject({ message: expect.not.stringMatching(/first-key|second|127\.0/) });
    await other.close();
  });
});
