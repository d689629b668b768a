import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { UserChange } from '#application/accounts/user-change';
import { CreditLedger } from '#application/credits/credit-ledger';
import { Money } from '#domain/shared/money';
import { CountedClients, MESSAGES } from './counted-clients.js';
import { GatewayWorld } from './gateway-world.js';
import { containing, mustBeUntouched, ONE_CREDIT, times } from './refused-requests.js';

const HELD = Money.ofMicros(9_900n);
const MEBIBYTE = 1024 * 1024;

describe('What is refused before anything is held', () => {
  let world: GatewayWorld;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    const route = `insert into model_routes (model, effective_from, targets, source) values ($1, '2025-02-01', $2, 'test')`;
    await world.app.rows(route, ['unpriced', JSON.stringify([{ provider: 'sandbox', model: 'unpriced' }])]);
    await world.app.rows(route, ['half-priced', JSON.stringify([{ provider: 'sandbox', model: 'half-priced' }])]);
    await world.app.rows(
      `insert into model_prices (id, provider, model, modality, rates, traits, effective_from, source)
       values (gen_random_uuid(), 'sandbox', 'half-priced', 'chat', '{"input_token": "150000"}', '{}', '2025-02-01', 'test')`,
    );
  });
  afterAll(() => world.stop());

  const raw = (path: string, headers: Readonly<Record<string, string>>, body = '{}'): Promise<Response> =>
    fetch(world.app.url + path, { method: 'POST', headers, body });

  it.each([
    ['no key', {}],
    ['a wrong key as Bearer', { authorization: 'Bearer mb_test_nobody' }],
    ['a wrong key as x-api-key', { 'x-api-key': 'mb_test_nobody' }],
    ['another scheme', { authorization: 'Basic bWI6dGVzdA==' }],
  ])('%s: 401 in the dialect of the path', async (_, headers) => {
    const openai = await raw('/v1/chat/completions', headers);
    expect([openai.status, openai.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await openai.json()).toEqual({
      error: { type: 'invalid_request_error', code: 'invalid_api_key', param: null, message: containing('x-api-key') },
    });
    const anthropic = await raw('/v1/messages', headers);
    expect(anthropic.status).toBe(401);
    expect(await anthropic.json()).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error', message: containing('x-api-key') },
      request_id: anthropic.headers.get('request-id'),
    });
  });

  it('either way of showing a key opens either dialect', async () => {
    const user = await world.userWith(1);
    const bearer = new Anthropic({ authToken: user.key, apiKey: null, baseURL: world.app.url });
    expect(await bearer.messages.create({ model: 'sandbox-chat', max_tokens: 9, messages: MESSAGES })).toMatchObject({
      role: 'assistant',
    });
    const body = JSON.stringify({ model: 'sandbox-chat', messages: MESSAGES });
    expect((await raw('/v1/chat/completions', { 'x-api-key': user.key }, body)).status).toBe(200);
  });

  it('a suspended user: 403, asked once', async () => {
    const user = await world.userWith(1);
    const changes = { plan: null, role: null, suspended: true };
    await world.app.container.get(UserChange).execute(user.id, changes, { actor: 'test', reason: null });
    const clients = new CountedClients(world.app, user);
    expect(await clients.completes('sandbox-chat')).toMatchObject({
      error: { constructor: OpenAI.PermissionDeniedError, status: 403, type: 'invalid_request_error' },
      attempts: times(1, { status: 403 }),
    });
    expect(await clients.messages('sandbox-chat')).toMatchObject({
      error: { constructor: Anthropic.PermissionDeniedError, status: 403, type: 'permission_error' },
      attempts: times(1, { status: 403 }),
    });
    await mustBeUntouched(world, user);
  });

  it.each([false, true])('an empty balance: 402, top up, asked once (stream: %s)', async (stream) => {
    const user = await world.userWith(0);
    const clients = new CountedClients(world.app, user);
    const metadata = { reason: 'balance_empty', retryable: false, balance_micros: 0, held_micros: 0 };
    expect(await clients.completes('sandbox-chat', { stream })).toMatchObject({
      error: {
        constructor: OpenAI.APIError,
        status: 402,
        type: 'insufficient_quota',
        code: 'insufficient_credits',
        error: { message: containing('Top up'), metadata },
      },
      attempts: [{ status: 402, shouldRetry: 'false', retryAfter: null }],
    });
    expect(await clients.messages('sandbox-chat', { stream })).toMatchObject({
      error: {
        constructor: Anthropic.PaymentRequiredError,
        status: 402,
        type: 'billing_error',
        error: { error: { message: containing('Top up'), metadata } },
      },
      attempts: [{ status: 402, shouldRetry: 'false', retryAfter: null }],
    });
    await mustBeUntouched(world, user, { credit: 0 });
  });

  it('a request that is too large for the balance: 402, top up or ask for less, asked once', async () => {
    const user = await world.userWith(0.01);
    const clients = new CountedClients(world.app, user);
    const metadata = { reason: 'balance_too_low', retryable: false, balance_micros: 100, held_micros: 0 };
    expect(await clients.messages('sandbox-chat', { max_tokens: 4000 })).toMatchObject({
      error: { status: 402, error: { error: { message: containing('a smaller max_tokens'), metadata } } },
      attempts: [{ status: 402, shouldRetry: 'false', retryAfter: null }],
    });
    await mustBeUntouched(world, user, { credit: 100 });
  });

  it.each(['completes', 'messages'] as const)(
    'credit that a running request holds: 402, wait; the client asks again by itself, and is served when it is free (%s)',
    async (asks) => {
      const user = await world.userWith(1);
      const ledger = world.app.container.get(CreditLedger);
      await ledger.hold(user.id, {
        requestId: 'running',
        amount: HELD,
        description: 'Running',
        lifetimeMs: 60_000,
        metadata: {},
        durable: true,
      });
      const stubborn = new CountedClients(world.app, user);
      const { error, attempts } = await stubborn[asks]('sandbox-chat', { max_tokens: 4000 });
      const { message } = error as Error;
      expect(message).toContain('wait for one of them to end');
      expect(message).not.toMatch(/top up|buy/i);
      expect(error).toMatchObject({ status: 402 });
      const { error: body } = error as { error: { metadata?: object; error?: { metadata: object } } };
      expect(body.metadata ?? body.error?.metadata).toMatchObject({
        reason: 'held_by_running_requests',
        retryable: true,
        balance_micros: ONE_CREDIT,
        held_micros: HELD.toNumber(),
      });
      const told = { status: 402, shouldRetry: 'true', retryAfter: '1' };
      expect(attempts).toEqual(times(3, told));
      expect((await world.booksOf(user)).logs).toEqual([]);

      const patient = new CountedClients(world.app, user, () => ledger.release(user.id, 'running'));
      expect(await patient[asks]('sandbox-chat', { max_tokens: 4000 })).toMatchObject({
        error: null,
        attempts: [told, { status: 200 }],
      });
      const { logs, balance, held } = await world.booksOf(user);
      expect([logs.length, balance, held]).toEqual([1, ONE_CREDIT - logs[0]!.cost, 0]);
    },
  );

  it.each([
    ['a model without a price', 'unpriced'],
    ['a model without a price for what it says', 'half-priced'],
  ])('%s: 400, asked once', async (_, model) => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    expect(await clients.completes(model)).toMatchObject({
      error: {
        constructor: OpenAI.BadRequestError,
        status: 400,
        type: 'invalid_request_error',
        code: 'model_not_priced',
        param: 'model',
      },
      attempts: times(1, { status: 400 }),
    });
    expect(await clients.messages(model)).toMatchObject({
      error: { constructor: Anthropic.BadRequestError, status: 400, type: 'invalid_request_error' },
      attempts: times(1, { status: 400 }),
    });
    await mustBeUntouched(world, user);
  });

  it('an unknown model: 404, asked once', async () => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    expect(await clients.completes('no-such-model', { stream: true })).toMatchObject({
      error: { constructor: OpenAI.NotFoundError, status: 404, code: 'model_not_found' },
      attempts: times(1, { status: 404 }),
    });
    expect(await clients.messages('no-such-model', { stream: true })).toMatchObject({
      error: { constructor: Anthropic.NotFoundError, status: 404, type: 'not_found_error' },
      attempts: times(1, { status: 404 }),
    });
    await mustBeUntouched(world, user);
  });

  it('malformed JSON: 400 in the dialect of the path', async () => {
    const user = await world.userWith(1);
    for (const [path, error] of [
      ['/v1/chat/completions', { type: 'invalid_request_error', code: 'malformed_json', param: null }],
      ['/v1/images/generations', { type: 'invalid_request_error', code: 'malformed_json', param: null }],
      ['/v1/messages', { type: 'invalid_request_error', code: 'malformed_json' }],
    ] as const) {
      const answer = await raw(path, { authorization: `Bearer ${user.key}` }, '{"model": "sandbox-chat", ');
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error });
    }
    await mustBeUntouched(world, user);
  });

  it('another method: 405 that names the right one', async () => {
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/images/generations', '/v1/audio/transcriptions']) {
      const answer = await fetch(world.app.url + path, { method: 'PUT', body: '{}' });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, 'POST']);
      expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    }
    const models = await fetch(`${world.app.url}/v1/models`, { method: 'POST', body: '{}' });
    expect([models.status, models.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('a body that is nested to exhaust somebody: 422, by the field', async () => {
    const user = await world.userWith(1);
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = `{"model":"sandbox-chat","messages":[{"role":"user","content":${nested}}]}`;
    const answer = await raw('/v1/chat/completions', { Authorization: `Bearer ${user.key}` }, body);
    expect([answer.status, await answer.json()]).toMatchObject([422, { error: { param: 'messages' } }]);
    await mustBeUntouched(world, user);
  });

  it('what is not there: 404 in the shape of the dialect', async () => {
    expect(await world.app.call('POST', '/v1/embeddings', { body: {} })).toMatchObject({
      status: 404,
      body: { error: { type: 'invalid_request_error', code: 'route_not_found' } },
    });
    const headers = { 'anthropic-version': '2023-06-01' };
    expect(await world.app.call('POST', '/v1/messages/batches', { body: {}, headers })).toMatchObject({
      status: 404,
      body: { type: 'error', error: { type: 'not_found_error' } },
    });
  });

  it('more than 20 MB of JSON: 413, asked once', async () => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    const messages = [{ role: 'user', content: 'x'.repeat(20 * MEBIBYTE) }];
    expect(await clients.completes('sandbox-chat', { messages })).toMatchObject({
      error: { constructor: OpenAI.APIError, status: 413, type: 'request_too_large' },
      attempts: times(1, { status: 413 }),
    });
    expect(await clients.messages('sandbox-chat', { messages })).toMatchObject({
      error: { constructor: Anthropic.ContentTooLargeError, status: 413, type: 'request_too_large' },
      attempts: times(1, { status: 413 }),
    });
    await mustBeUntouched(world, user);
  });

  it('what no recording is: 415 without a form, 422 without sound, 413 beyond 25 MB, each asked once', async () => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    const form = await raw('/v1/audio/transcriptions', { authorization: `Bearer ${user.key}` }, '{}');
    expect(form.status).toBe(415);
    expect(await form.json()).toMatchObject({ error: { code: 'unsupported_media_type' } });
    const transcribe = async (bytes: Uint8Array) => {
      const file = await toFile(bytes, 'a.mp3');
      return clients.seen(clients.openai.audio.transcriptions.create({ model: 'sandbox-transcribe', file }));
    };
    expect(await transcribe(Buffer.from('this is a text, and no recording of anything'))).toMatchObject({
      error: { constructor: OpenAI.UnprocessableEntityError, status: 422 },
      attempts: times(1, { status: 422 }),
    });
    // The second is refused by what it says of its length, before it is read.
    for (const bytes of [25 * MEBIBYTE + 1, 27 * MEBIBYTE]) {
      expect(await transcribe(new Uint8Array(bytes))).toMatchObject({
        error: { constructor: OpenAI.APIError, status: 413, type: 'request_too_large', code: 'file_too_large' },
        attempts: times(1, { status: 413 }),
      });
    }
    await mustBeUntouched(world, user);
  });

  it.each([
    ['n is 0', { n: 0 }, 'n'],
    ['n is 11', { n: 11 }, 'n'],
    ['n is a half', { n: 0.5 }, 'n'],
    ['the size is a word', { size: 'huge' }, 'size'],
    ['the size is nothing', { size: '0x0' }, 'size'],
    ['the prompt is blank', { prompt: ' ' }, 'prompt'],
    ['the prompt is missing', { prompt: undefined }, 'prompt'],
    ['the size has no price', { model: 'gpt-image-1.5', size: '999x999' }, 'model'],
    ['the size has no price in the sandbox', { size: '999x999' }, 'model'],
  ])('a picture of which %s: 422 that names it, asked once', async (_, fields, param) => {
    const user = await world.userWith(100);
    const clients = new CountedClients(world.app, user);
    const body = { model: 'sandbox-image', prompt: 'A tree', ...fields } as OpenAI.ImageGenerateParamsNonStreaming;
    expect(await clients.seen(clients.openai.images.generate(body))).toMatchObject({
      error: { constructor: OpenAI.UnprocessableEntityError, status: 422, type: 'invalid_request_error', param },
      attempts: times(1, { status: 422 }),
    });
    await mustBeUntouched(world, user, { credit: 100 * ONE_CREDIT });
  });

  it.each([
    ['no messages', { messages: undefined }, 'messages'],
    ['an empty list of messages', { messages: [] }, 'messages'],
    ['messages that are none', { messages: ['Hello'] }, 'messages'],
    ['a model that is no name', { model: 'two words' }, 'model'],
    ['no room for an answer', { max_tokens: 0 }, 'max_tokens'],
    ['a stream that is neither so nor so', { stream: 'yes' }, 'stream'],
    ['a service without a price', { service_tier: 'priority' }, 'service_tier'],
    ['a tool that the provider runs', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools'],
  ])('%s: 422 that names it, asked once', async (_, fields, param) => {
    const user = await world.userWith(1);
    const clients = new CountedClients(world.app, user);
    expect(await clients.completes('sandbox-chat', fields)).toMatchObject({
      error: { constructor: OpenAI.UnprocessableEntityError, status: 422, type: 'invalid_request_error', param },
      attempts: times(1, { status: 422 }),
    });
    expect(await clients.messages('sandbox-chat', fields)).toMatchObject({
      error: {
        constructor: Anthropic.UnprocessableEntityError,
        status: 422,
        type: 'invalid_request_error',
        message: containing(param),
      },
      attempts: times(1, { status: 422 }),
    });
    await mustBeUntouched(world, user);
  });

  it('a message without max_tokens: 422', async () => {
    const user = await world.userWith(1);
    expect(await new CountedClients(world.app, user).messages('sandbox-chat', { max_tokens: undefined })).toMatchObject(
      {
        error: { status: 422, message: containing('max_tokens is required') },
        attempts: times(1, { status: 422 }),
      },
    );
    await mustBeUntouched(world, user);
  });
});
