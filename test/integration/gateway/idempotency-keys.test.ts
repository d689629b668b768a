import { readFile } from 'node:fs/promises';
import { CreditLedger } from '#application/credits/credit-ledger';
import { moneyOfCredits } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { CountedClients, MESSAGES } from './counted-clients.js';
import { GatewayWorld } from './gateway-world.js';

/** 10 credits, in micros. */
const CREDIT = 100_000;
const CHAT = { model: 'sandbox-chat', messages: MESSAGES, max_tokens: 50 };

describe('An Idempotency-Key at the gateway', () => {
  let world: GatewayWorld;
  let speech: Uint8Array<ArrayBuffer>;
  let music: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    speech = new Uint8Array(await readFile('test/fixtures/audio/coaching.mp3'));
    music = new Uint8Array(await readFile('test/fixtures/audio/short-3s.wav'));
  });
  afterAll(() => world.stop());

  const chargedFor = async (user: TestUser, requests: number): Promise<void> => {
    const { logs, balance, entries, held, openHolds } = await world.booksOf(user);
    expect(logs).toHaveLength(requests);
    const left = CREDIT - logs.reduce((sum, { cost }) => sum + cost, 0);
    expect({ balance, entries, held, openHolds }).toEqual({ balance: left, entries: left, held: 0, openHolds: 0 });
    const [{ charges }] = (await world.app.rows<{ charges: number }>(
      `select count(*)::int as charges from credit_transactions where user_id = $1 and type = 'api_usage'`,
      [user.id],
    )) as [{ charges: number }];
    expect(charges).toBe(logs.filter(({ cost }) => cost > 0).length);
  };

  it.each([
    ['a completion', '/v1/chat/completions', CHAT, { ...CHAT, max_tokens: 51 }],
    ['a message', '/v1/messages', CHAT, { ...CHAT, max_tokens: 51 }],
    [
      'a picture',
      '/v1/images/generations',
      { model: 'sandbox-image', prompt: 'A tree', size: '1024x1024', quality: 'low' },
      { model: 'sandbox-image', prompt: 'Two trees', size: '1024x1024', quality: 'low' },
    ],
  ])(
    'has %s carried out once, and answered the same to the letter; with another body it is refused',
    async (...one) => {
      const [, path, body, other] = one;
      const user = await world.userWith(10);
      const ask = async (what: object, headers: Readonly<Record<string, string>> = {}) => {
        const answer = await fetch(world.app.url + path, {
          method: 'POST',
          headers: { 'x-api-key': user.key, 'Idempotency-Key': 'once', ...headers },
          body: JSON.stringify(what),
        });
        return { status: answer.status, headers: answer.headers, text: await answer.text() };
      };
      const first = await ask(body);
      expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([200, null]);
      const again = await ask(body);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
      expect(again.text).toBe(first.text);
      expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
      const refused = await ask(other);
      expect(refused.status).toBe(422);
      expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'idempotency_key_reused' } });
      await chargedFor(user, 1);
      expect((await ask(other, { 'Idempotency-Key': 'twice' })).status).toBe(200);
      await chargedFor(user, 2);
    },
  );

  it('does not tell how a form was cut into pieces, and does tell another recording or another field', async () => {
    const user = await world.userWith(10);
    const ask = async (bytes: Uint8Array<ArrayBuffer>, boundary: string, format: string) => {
      const field = (name: string, value: string): string =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const file = 'Content-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg';
      const head = `${field('model', 'sandbox-transcribe')}${field('response_format', format)}--${boundary}\r\n${file}\r\n\r\n`;
      const answer = await fetch(`${world.app.url}/v1/audio/transcriptions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${user.key}`,
          'Idempotency-Key': 'once',
          'Content-Type': `multipart/form-data; boundary=${boundary}`,
        },
        body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
      });
      return {
        status: answer.status,
        isReplayed: answer.headers.has('idempotent-replayed'),
        text: await answer.text(),
      };
    };
    const first = await ask(speech, 'one-boundary', 'vtt');
    expect(first).toMatchObject({ status: 200, isReplayed: false, text: expect.stringMatching(/^WEBVTT\n/) as string });
    expect(await ask(speech, 'quite-another', 'vtt')).toEqual({ ...first, isReplayed: true });
    expect((await ask(music, 'one-boundary', 'vtt')).status).toBe(422);
    expect((await ask(speech, 'one-boundary', 'text')).status).toBe(422);
    await chargedFor(user, 1);
  });

  it('is good for one stream, and nothing after it; the clients do not ask again', async () => {
    const user = await world.userWith(10);
    const clients = new CountedClients(world.app, user);
    const options = { headers: { 'Idempotency-Key': 'stream' } };
    expect(await clients.messages('sandbox-chat', { stream: true }, options)).toMatchObject({ error: null });
    const spent = { error: { status: 409 }, attempts: [{ status: 409, shouldRetry: 'false', retryAfter: null }] };
    expect(await clients.messages('sandbox-chat', { stream: true }, options)).toMatchObject(spent);
    expect(await clients.completes('sandbox-chat', { stream: true }, options)).toMatchObject({
      ...spent,
      error: { status: 409, type: 'conflict', code: 'idempotency_key_used' },
    });
    expect(await clients.messages('sandbox-chat', {}, options)).toMatchObject({
      error: { status: 422 },
      attempts: { length: 1 },
    });
    await chargedFor(user, 1);
  });

  it('of a whole answer is not good for a stream', async () => {
    const user = await world.userWith(10);
    const clients = new CountedClients(world.app, user);
    const options = { headers: { 'Idempotency-Key': 'whole' } };
    expect(await clients.completes('sandbox-chat', {}, options)).toMatchObject({ error: null });
    expect(await clients.completes('sandbox-chat', { stream: true }, options)).toMatchObject({
      error: { status: 422, code: 'idempotency_key_reused' },
      attempts: { length: 1 },
    });
    await chargedFor(user, 1);
  });

  it('belongs to one user', async () => {
    for (const user of [await world.userWith(10), await world.userWith(10)]) {
      const options = { headers: { 'Idempotency-Key': 'the-same' } };
      const clients = new CountedClients(world.app, user);
      expect(await clients.completes('sandbox-chat', {}, options)).toMatchObject({ error: null });
      await chargedFor(user, 1);
    }
  });

  it('is refused when it cannot be one', async () => {
    const user = await world.userWith(10);
    const clients = new CountedClients(world.app, user);
    for (const key of ['x'.repeat(241), 'two words']) {
      expect(await clients.completes('sandbox-chat', {}, { headers: { 'Idempotency-Key': key } })).toMatchObject({
        error: { status: 422, param: 'Idempotency-Key' },
        attempts: { length: 1 },
      });
    }
    await chargedFor(user, 0);
  });

  it('has sixteen clients that use it at once answered the same, and charged once', async () => {
    const user = await world.userWith(10);
    const ask = async () => {
      const client = new CountedClients(world.app, user).openai;
      const options = { headers: { 'Idempotency-Key': 'at-once' }, maxRetries: 20 };
      return client.chat.completions.create(CHAT, options);
    };
    const answers = await Promise.all(Array.from({ length: 16 }, ask));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    await chargedFor(user, 1);
  });

  it.each([
    ['refused', 'sandbox-chat-refusing', 400, 1],
    ['failed', 'sandbox-chat-broken', 502, 3],
  ])('of a request that was %s can be used again: nothing was charged', async (_, model, status, asked) => {
    const user = await world.userWith(10);
    const clients = new CountedClients(world.app, user);
    const options = { headers: { 'Idempotency-Key': 'again' } };
    // Five failures in a row would open the circuit.
    for (const time of asked === 1 ? [1, 2] : [1]) {
      expect(await clients.completes(model, {}, options)).toMatchObject({
        error: { status },
        attempts: { length: asked },
      });
      await chargedFor(user, time * asked);
    }
  });

  it('of a request without credit can be used again once there is some', async () => {
    const user = await world.userWith(0.0001);
    const clients = new CountedClients(world.app, user);
    const options = { headers: { 'Idempotency-Key': 'again' } };
    expect(await clients.completes('sandbox-chat', {}, options)).toMatchObject({ error: { status: 402 } });
    await world.app.container.get(CreditLedger).grant(user.id, {
      type: 'purchase',
      amount: moneyOfCredits(9.9999),
      category: 'paid',
      expiresAt: null,
      key: 'later',
      description: 'For a test',
      metadata: {},
      actor: 'test',
    });
    expect(await clients.completes('sandbox-chat', {}, options)).toMatchObject({ error: null });
    await chargedFor(user, 1);
  });
});
