import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { HttpApp } from '#interfaces/http/app';
import type { Answered, TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { openApiCheck, type OpenApiCheck } from '#test/support/openapi-check';
import { GatewayWorld } from './gateway-world.js';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

describe('what the OpenAPI document says of the gateway', () => {
  const clock = new ManualClock();
  let world: GatewayWorld;
  let user: TestUser;
  let check: OpenApiCheck;
  let validates: (schema: string, body: unknown) => boolean;
  let paths: any, responses: any;

  beforeAll(async () => {
    world = await GatewayWorld.start({ clock });
    user = await world.userWith(1000);
    const { document } = world.app.container.get(HttpApp);
    check = openApiCheck(document);
    paths = document.paths;
    responses = document.components['responses'];
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ $id: 'openapi', ...document });
    validates = (schema, body) => ajv.compile({ $ref: `openapi#/components/schemas/${schema}` })(body);
  });
  afterAll(() => world?.stop());

  const post = (
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    as: TestUser | null = user,
  ) => world.app.call('POST', path, { ...(as && { as }), body, headers });
  const expectDocumented = (method: string, path: string, { status, body }: Answered): void =>
    check.expectDocumented(method, path, status, body);

  it.each([
    ['/v1/chat/completions', { model: 'sandbox-chat', messages: MESSAGES, max_tokens: 9 }],
    ['/v1/messages', { model: 'sandbox-chat', messages: MESSAGES, max_tokens: 9 }],
    ['/v1/images/generations', { model: 'sandbox-image', prompt: 'A tree' }],
  ])('is what %s answers, with every header that it names', async (path, body) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(200);
    expectDocumented('POST', path, answer);
    const named = Object.keys(paths[path].post.responses[200].headers).filter((name) => name !== 'Idempotent-Replayed');
    expect(named.filter((name) => !answer.headers.has(name))).toEqual([]);
  });

  it.each(['json', 'verbose_json', 'text', 'srt', 'vtt'])('is what a transcription answers as %s', async (format) => {
    const path = '/v1/audio/transcriptions';
    const form = new FormData();
    form.set('model', 'sandbox-transcribe');
    form.set('response_format', format);
    form.set('file', new Blob([await readFile('test/fixtures/audio/coaching.mp3')]), 'coaching.mp3');
    const headers = { Authorization: `Bearer ${user.key}` };
    const response = await fetch(world.app.url + path, { method: 'POST', headers, body: form });
    const type = response.headers.get('Content-Type')!.split(';')[0]!;
    expect(Object.keys(paths[path].post.responses[200].content)).toContain(type);
    const text = await response.text();
    if (type === 'application/json') check.expectDocumented('POST', path, response.status, JSON.parse(text));
  });

  it.each(['/v1/chat/completions', '/v1/messages'])('names the events of %s', async (path) => {
    const body = { model: 'sandbox-chat', messages: MESSAGES, max_tokens: 9, stream: true };
    const { status, headers } = await post(path, body);
    const type = headers.get('Content-Type')!.split(';')[0]!;
    expect(Object.keys(paths[path].post.responses[status].content)).toContain(type);
  });

  it('is what the lists of models answer, in both shapes of errors', async () => {
    const list = await world.app.call('GET', '/v1/models', { as: user });
    expectDocumented('GET', '/v1/models', list);
    expectDocumented('GET', '/v1/models/{model}', await world.app.call('GET', '/v1/models/sandbox-chat', { as: user }));
    for (const headers of [{}, { 'anthropic-version': '2023-06-01' }] as Record<string, string>[]) {
      expectDocumented('GET', '/v1/models', await world.app.call('GET', '/v1/models', { headers }));
      const missing = await world.app.call('GET', '/v1/models/no/such', { as: user, headers });
      expect(missing.status).toBe(404);
      expectDocumented('GET', '/v1/models/{model}', missing);
    }
  });

  it.each(['/v1/chat/completions', '/v1/messages'])('is how %s refuses', async (path) => {
    const poor = await world.userWith(0);
    const asked = { model: 'sandbox-chat', messages: MESSAGES, max_tokens: 9 };
    const key = { 'Idempotency-Key': crypto.randomUUID() };
    await post(path, asked, key);
    const answers = [await post(path, asked, {}, null), await post(path, asked, {}, poor)];
    answers.push(await post(path, { ...asked, max_tokens: 8 }, key));
    const changes = [
      { model: 'no-such-model' },
      { model: 'sandbox-image' },
      { messages: [] },
      { model: 'sandbox-chat-refusing' },
      { model: 'sandbox-chat-rate-limited' },
      { model: 'sandbox-chat-unavailable' },
      { model: 'sandbox-chat-broken' },
    ];
    for (const change of changes) {
      // Until then circuits that the one before opened are closed.
      clock.advance(600);
      answers.push(await post(path, { ...asked, ...change }));
    }
    for (const answer of answers) expectDocumented('POST', path, answer);
    const statuses = answers.map(({ status }) => status);
    const overloaded = path === '/v1/messages' ? 529 : 503;
    expect(statuses).toEqual([401, 402, 422, 404, 422, 422, 400, 429, overloaded, 502]);
    for (const { status, headers } of answers) {
      const name = paths[path].post.responses[status].$ref.split('/').at(-1);
      const known = Object.keys(responses[name].headers);
      const said = ['x-should-retry', 'Retry-After', 'WWW-Authenticate', 'request-id'].filter((one) =>
        headers.has(one),
      );
      expect([status, said.filter((one) => !known.includes(one))]).toEqual([status, []]);
    }
  });

  it('takes what the gateway takes, and refuses what it refuses', () => {
    const chat = { model: 'gpt-4o-mini', messages: MESSAGES };
    expect(validates('ChatCompletionRequest', { ...chat, temperature: 0.5, stream_options: {} })).toBe(true);
    expect(validates('ChatCompletionRequest', { ...chat, n: 0 })).toBe(false);
    expect(validates('ChatCompletionRequest', { ...chat, messages: [] })).toBe(false);
    expect(validates('MessagesRequest', chat)).toBe(false);
    expect(validates('MessagesRequest', { ...chat, max_tokens: 5 })).toBe(true);
    const image = { model: 'dall-e-3', prompt: 'A tree' };
    expect(validates('ImageGenerationRequest', { ...image, size: 'auto', n: 10 })).toBe(true);
    expect(validates('ImageGenerationRequest', { ...image, size: 'large' })).toBe(false);
  });
});
