import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { CreditLedger } from '#application/credits/credit-ledger';
import { moneyOfCredits } from '#domain/credits/credit';
import type { TestUser } from '#test/support/app';
import { GatewayWorld } from './gateway-world.js';

const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];

/** What a client saw: how often it asked, and what it threw. */
interface Seen {
  readonly error: unknown;
  readonly attempts: number;
}

describe('What the official clients are told when something is wrong', () => {
  let world: GatewayWorld;
  let user: TestUser;

  beforeAll(async () => {
    world = await GatewayWorld.start({ aiSettings: new GatewaySettings(0, 700, 300, 1_000_000, 100) });
    user = await world.userWith(100);
  });
  afterAll(() => world.stop());

  const counting = (): { fetch: typeof fetch; attempts: () => number } => {
    let asked = 0;
    const counted: typeof fetch = (...call) => {
      asked += 1;
      return fetch(...call);
    };
    return { fetch: counted, attempts: () => asked };
  };

  const openai = async (as: Pick<TestUser, 'key'>, model: string, more: object = {}): Promise<Seen> => {
    const { fetch: counted, attempts } = counting();
    const client = new OpenAI({ apiKey: as.key, baseURL: `${world.app.url}/v1`, fetch: counted });
    const error = await client.chat.completions.create({ model, messages: MESSAGES, max_tokens: 20, ...more }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return { error, attempts: attempts() };
  };

  const anthropic = async (as: Pick<TestUser, 'key'>, model: string, more: object = {}): Promise<Seen> => {
    const { fetch: counted, attempts } = counting();
    const client = new Anthropic({ apiKey: as.key, baseURL: world.app.url, fetch: counted });
    const error = await client.messages.create({ model, messages: MESSAGES, max_tokens: 20, ...more }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return { error, attempts: attempts() };
  };

  const nothingHappenedTo = async (to: TestUser, balance: number): Promise<void> => {
    expect(await world.booksOf(to)).toMatchObject({ balance, entries: balance, held: 0, openHolds: 0 });
  };

  it('an unknown key: 401, asked once, by either header', async () => {
    const nobody = { key: 'mb_test_nobody' };
    expect(await openai(nobody, 'sandbox-chat')).toMatchObject({
      error: {
        constructor: OpenAI.AuthenticationError,
        status: 401,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
      attempts: 1,
    });
    expect(await anthropic(nobody, 'sandbox-chat')).toMatchObject({
      error: { constructor: Anthropic.AuthenticationError, status: 401, type: 'authentication_error' },
      attempts: 1,
    });
  });

  it('an empty balance: 402, top up, asked once, and no entry of the log', async () => {
    const poor = await world.userWith(0);
    expect(await openai(poor, 'sandbox-chat')).toMatchObject({
      error: {
        status: 402,
        type: 'insufficient_quota',
        code: 'insufficient_credits',
        error: { metadata: { reason: 'balance_empty', retryable: false } },
        message: expect.stringContaining('Top up') as string,
      },
      attempts: 1,
    });
    expect(await anthropic(poor, 'sandbox-chat')).toMatchObject({
      error: { constructor: Anthropic.PaymentRequiredError, status: 402, type: 'billing_error' },
      attempts: 1,
    });
    expect((await world.booksOf(poor)).logs).toEqual([]);
  });

  it('credit that running requests hold: 402, wait, and the client tries again by itself', async () => {
    const busy = await world.userWith(1);
    await world.app.container.get(CreditLedger).hold(busy.id, {
      requestId: 'another',
      amount: moneyOfCredits(0.9999),
      description: 'Running',
      lifetimeMs: 60_000,
      metadata: {},
      durable: true,
    });
    expect(await openai(busy, 'sandbox-chat', { max_tokens: 4000 })).toMatchObject({
      error: {
        status: 402,
        error: { metadata: { reason: 'held_by_running_requests', retryable: true } },
        message: expect.stringContaining('wait for one of them to end') as string,
      },
      attempts: 3,
    });
  });

  it('a request that alone is too large: 402, asked once', async () => {
    const small = await world.userWith(0.0001);
    expect(await openai(small, 'sandbox-chat', { max_tokens: 4000 })).toMatchObject({
      error: { status: 402, error: { metadata: { reason: 'balance_too_low' } } },
      attempts: 1,
    });
    await nothingHappenedTo(small, 1);
  });

  it.each([
    ['an unknown model', 'no-such-model', 404, 'model_not_found', 'not_found_error'],
    ['a model for another task', 'sandbox-image', 422, 'model_for_another_task', 'invalid_request_error'],
    [
      'a request that the provider refuses',
      'sandbox-chat-refusing',
      400,
      'content_policy_violation',
      'invalid_request_error',
    ],
  ])('%s: asked once, and nothing is charged', async (_, model, status, code, type) => {
    const one = await world.userWith(1);
    expect(await openai(one, model)).toMatchObject({ error: { status, code }, attempts: 1 });
    expect(await anthropic(one, model)).toMatchObject({ error: { status, type }, attempts: 1 });
    await nothingHappenedTo(one, 10_000);
  });

  it('fields that are wrong: 422, by their names', async () => {
    expect(await openai(user, 'sandbox-chat', { messages: [], n: 0 })).toMatchObject({
      error: { constructor: OpenAI.UnprocessableEntityError, status: 422, param: 'messages' },
      attempts: 1,
    });
    expect(await anthropic(user, 'sandbox-chat', { max_tokens: undefined })).toMatchObject({
      error: {
        constructor: Anthropic.UnprocessableEntityError,
        status: 422,
        message: expect.stringContaining('max_tokens') as string,
      },
      attempts: 1,
    });
  });

  it('a provider that is overloaded: 503 or 529, tried again, then left alone: asked once', async () => {
    const one = await world.userWith(1);
    expect(await anthropic(one, 'sandbox-chat-unavailable')).toMatchObject({
      error: { constructor: Anthropic.OverloadedError, status: 529, type: 'overloaded_error' },
      attempts: 3,
    });
    expect(await openai(one, 'sandbox-chat-unavailable')).toMatchObject({ error: { status: 503 } });
    expect(await openai(one, 'sandbox-chat-unavailable')).toMatchObject({
      error: { status: 503, code: 'circuit_breaker_open', headers: expect.anything() as object },
      attempts: 1,
    });
    await nothingHappenedTo(one, 10_000);
  });

  it('a provider that asks for a pause: 429, with the pause', async () => {
    const answer = await world.app.call('POST', '/v1/chat/completions', {
      as: user,
      body: { model: 'sandbox-chat-rate-limited', messages: MESSAGES },
    });
    expect(answer).toMatchObject({ status: 429, body: { error: { type: 'rate_limit_exceeded' } } });
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  it('an answer that does not come: 504, and nothing is charged', async () => {
    const one = await world.userWith(1);
    const client = new OpenAI({ apiKey: one.key, baseURL: `${world.app.url}/v1`, maxRetries: 0 });
    const asked = client.chat.completions.create({ model: 'sandbox-chat-silent', messages: MESSAGES });
    await expect(asked).rejects.toMatchObject({ status: 504, code: 'timeout' });
    await nothingHappenedTo(one, 10_000);
    expect((await world.booksOf(one)).logs).toMatchObject([{ outcome: 'timed_out', cost: 0 }]);
  });

  it('a stream that breaks off: an error after what was delivered, which is charged', async () => {
    const one = await world.userWith(1);
    const client = new OpenAI({ apiKey: one.key, baseURL: `${world.app.url}/v1` });
    const stream = await client.chat.completions.create({
      model: 'sandbox-chat-broken',
      messages: MESSAGES,
      stream: true,
    });
    let pieces = 0;
    const reading = (async () => {
      for await (const { choices } of stream) if (choices[0]?.delta.content) pieces += 1;
    })();
    await expect(reading).rejects.toMatchObject({ constructor: OpenAI.APIError, code: 'upstream_error' });
    expect(pieces).toBe(3);
    const { logs, balance, entries, held } = await world.booksOf(one);
    expect(logs).toMatchObject([{ outcome: 'cut_short', usage_source: 'estimate', quantities: { output_token: 3 } }]);
    expect([balance, entries, held]).toEqual([10_000 - logs[0]!.cost, balance, 0]);

    const other = new Anthropic({ apiKey: one.key, baseURL: world.app.url });
    const helper = other.messages.stream({ model: 'sandbox-chat-broken', max_tokens: 50, messages: MESSAGES });
    await expect(helper.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });

  it.each([
    ['malformed JSON', '{"model":', 400, 'malformed_json'],
    ['no object', '[]', 422, 'validation_error'],
    ['a body beyond 20 MB', JSON.stringify({ filler: 'x'.repeat(21 * 1024 * 1024) }), 413, 'request_too_large'],
  ])('%s: said in the shape of the dialect', async (_, body, status, code) => {
    const answer = await fetch(`${world.app.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { code, message: expect.any(String) as string, param: status === 422 ? '' : null },
    });
  });

  it('what is not there: 404 in the shape of the dialect, and 405 for another method', async () => {
    expect(await world.app.call('POST', '/v1/embeddings', { as: user, body: {} })).toMatchObject({
      status: 404,
      body: { error: { type: 'invalid_request_error', code: 'route_not_found' } },
    });
    const headers = { 'anthropic-version': '2023-06-01' };
    expect(await world.app.call('POST', '/v1/messages/batches', { as: user, body: {}, headers })).toMatchObject({
      status: 404,
      body: { type: 'error', error: { type: 'not_found_error' } },
    });
    const other = await world.app.call('GET', '/v1/chat/completions', { as: user });
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('pictures: an impossible size, number or prompt is 422', async () => {
    const asked = (fields: object) =>
      world.app.call('POST', '/v1/images/generations', {
        as: user,
        body: { model: 'sandbox-image', prompt: 'A tree', ...fields },
      });
    for (const fields of [
      { size: 'huge' },
      { n: 0 },
      { n: 11 },
      { prompt: ' ' },
      { model: 'gpt-image-1.5', size: '999x999' },
    ]) {
      expect((await asked(fields)).status).toBe(422);
    }
  });

  it('recordings: no form is 415, no audio 422, too much 413', async () => {
    const send = (body: string | FormData, headers: Record<string, string> = {}) =>
      fetch(`${world.app.url}/v1/audio/transcriptions`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${user.key}`, ...headers },
      });
    const form = (bytes: Uint8Array<ArrayBuffer>): FormData => {
      const fields = new FormData();
      fields.set('model', 'sandbox-transcribe');
      fields.set('file', new Blob([bytes]), 'a.mp3');
      return fields;
    };
    expect((await send('{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await send(form(new Uint8Array(1000)))).status).toBe(422);
    expect((await send(form(new Uint8Array(25 * 1024 * 1024 + 1)))).status).toBe(413);
  });

  it('a key that was used for a stream: 409, asked once', async () => {
    const { fetch: counted, attempts } = counting();
    const client = new OpenAI({ apiKey: user.key, baseURL: `${world.app.url}/v1`, fetch: counted });
    const ask = () =>
      client.chat.completions.create(
        { model: 'sandbox-chat', messages: MESSAGES, stream: true },
        { headers: { 'Idempotency-Key': 'stream-1' } },
      );
    for await (const chunk of await ask()) expect(chunk.object).toBe('chat.completion.chunk');
    const before = await world.booksOf(user);
    await expect(ask()).rejects.toMatchObject({ status: 409, code: 'idempotency_key_used' });
    expect(attempts()).toBe(2);
    expect(await world.booksOf(user)).toEqual(before);
  });

  it('a key with the same request: the same answer, charged once; with another: 422', async () => {
    const one = await world.userWith(1);
    const ask = (content: string) =>
      world.app.call('POST', '/v1/chat/completions', {
        as: one,
        body: { model: 'sandbox-chat', messages: [{ role: 'user', content }] },
        headers: { 'Idempotency-Key': 'whole-1' },
      });
    const [first, again, other] = [await ask('Hello'), await ask('Hello'), await ask('Something else')];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([first.status, again.status, other.status]).toEqual([200, 200, 422]);
    expect((await world.booksOf(one)).logs).toHaveLength(1);
  });

  it('one key sixteen times at once: one is carried out, the others are told to come back', async () => {
    const one = await world.userWith(10);
    const ask = () =>
      world.app.call('POST', '/v1/chat/completions', {
        as: one,
        body: { model: 'sandbox-chat', messages: MESSAGES },
        headers: { 'Idempotency-Key': 'at-once' },
      });
    const answers = await Promise.all(Array.from({ length: 16 }, ask));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const { logs, balance } = await world.booksOf(one);
    expect(logs).toHaveLength(1);
    expect(balance).toBe(100_000 - logs[0]!.cost);
  });
});
