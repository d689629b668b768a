import { messageFor, MESSAGE_TEXT, TOOL_INPUT } from '#test/support/ai/anthropic-messages';
import { A_BODY, aMessagesRequest, AnthropicWorld, fault, refusal } from '#test/support/ai/anthropic-world';

let world: AnthropicWorld;

beforeEach(async () => {
  world = await AnthropicWorld.begin();
});
afterEach(() => world.end());

const WEATHER = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { location: { type: 'string' } } },
};

describe('what is sent', () => {
  it('is the body as it was said, options that nobody knows among it, with the model renamed', async () => {
    const body = { ...A_BODY, top_k: 5, container: { skills: [] }, future_option: { deep: [1, 'ü', null] } };
    await world.send({ body });
    expect(world.anthropic.lastRequest.text).toBe(JSON.stringify({ ...body, model: 'claude-sonnet-4-5' }));
  });

  it('carries our key, the version of the API and our id of the request', async () => {
    await world.send();
    expect(world.anthropic.lastRequest).toMatchObject({
      path: '/v1/messages',
      headers: {
        'x-api-key': world.anthropic.key,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
        'x-request-id': 'trace-1',
      },
    });
  });

  it.each(['', '/', '/v1', '/v1/'])('reaches the same address when the base URL ends in %j', async (end) => {
    await world.provider({ baseUrl: world.anthropic.baseUrl + end }).send(aMessagesRequest());
    expect(world.anthropic.lastRequest.path).toBe('/v1/messages');
  });

  it('is chat alone', () => {
    const provider = world.provider();
    expect(['chat', 'image', 'transcription'].map((task) => provider.serves(task as 'chat'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(provider.simulated).toBe(false);
  });
});

describe('a whole answer', () => {
  it('is delivered byte for byte, with what it used', async () => {
    world.anthropic.answer = { ...messageFor(A_BODY), new_field: 'grüezi', container: null };
    const { body, contentType, usage } = await world.plain();
    expect(Buffer.from(body).toString('utf8')).toBe(JSON.stringify(world.anthropic.answer));
    expect(contentType).toBe('application/json');
    expect(usage).toMatchObject({ quantities: { input_token: 21, output_token: 305 }, source: 'provider' });
  });

  it('calls tools', async () => {
    const { body } = await world.plain({ tools: [WEATHER] });
    expect(JSON.parse(Buffer.from(body).toString('utf8'))).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: MESSAGE_TEXT },
        { type: 'tool_use', name: 'get_weather', input: TOOL_INPUT },
      ],
    });
  });

  it('counts what was read from a cache, and what was written to it for five minutes and for an hour', async () => {
    const system = [
      { type: 'text', text: 'Rules', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'More', cache_control: { type: 'ephemeral' } },
    ];
    expect((await world.plain({ system })).usage.quantities).toEqual({
      input_token: 21,
      cached_token: 1024,
      cache_write_token: 200,
      cache_write_1h_token: 300,
      output_token: 305,
    });
  });

  it('is estimated from what it says when its server does not count', async () => {
    const content = [
      { type: 'text', text: 'ü'.repeat(10) },
      { type: 'tool_use', input: { a: 1 } },
    ];
    world.anthropic.answer = { type: 'message', content, usage: { input_tokens: 9, output_tokens: 0 } };
    const { usage } = await world.plain();
    expect(usage).toMatchObject({ quantities: { input_token: 9, output_token: 7 }, source: 'estimate' });
  });

  it('may come byte by byte', async () => {
    world.anthropic.mode = 'drips';
    const { usage } = await world.plain();
    expect(usage.quantities.output_token).toBe(305);
  });

  it.each([
    ['an empty object', {}],
    ['a text', 'Grüezi'],
    ['a message without a list of contents', { type: 'message', content: 'Grüezi' }],
    ['a list', []],
  ])('is invalid when it is %s', async (_what, answer) => {
    world.anthropic.answer = answer;
    expect(await fault(world.send())).toMatchObject({ kind: 'invalid_answer', status: 200 });
  });

  it('is invalid when it is no JSON', async () => {
    world.anthropic.mode = 'garbage';
    expect((await fault(world.send())).kind).toBe('invalid_answer');
  });

  it('is a fault of the server when it breaks off', async () => {
    world.anthropic.mode = 'truncated';
    expect((await fault(world.send())).kind).toBe('server_error');
  });

  it('is an error when it says so in spite of its status', async () => {
    world.anthropic.answer = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect((await fault(world.send())).kind).toBe('overloaded');
  });
});

describe('a refusal of the request', () => {
  it('says with a 400 what Anthropic said about it', async () => {
    world.anthropic.refuses(400, 'invalid_request_error', 'messages: at least one message is required');
    expect(await refusal(world.send())).toMatchObject({
      status: 400,
      message: 'messages: at least one message is required',
      code: null,
    });
  });

  it('names a prompt that is too long as OpenAI does, too', async () => {
    world.anthropic.refuses(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum');
    expect((await refusal(world.send())).code).toBe('context_length_exceeded');
  });

  it('is a 413 for a body that is too large', async () => {
    world.anthropic.refuses(413, 'request_too_large', 'Request exceeds the maximum size');
    expect(await refusal(world.send())).toMatchObject({ status: 413, message: 'Request exceeds the maximum size' });
  });
});

describe('a fault', () => {
  it.each([
    [401, 'authentication_error', 'unauthorized'],
    [402, 'billing_error', 'payment_required'],
    [403, 'permission_error', 'forbidden'],
    [408, 'timeout_error', 'timeout'],
    [429, 'rate_limit_error', 'rate_limited'],
    [500, 'api_error', 'server_error'],
    [503, 'overloaded_error', 'overloaded'],
    [504, 'timeout_error', 'timeout'],
    [529, 'overloaded_error', 'overloaded'],
  ])('is what a %d %s means: %s', async (status, type, kind) => {
    world.anthropic.refuses(status, type, 'So it is.');
    const thrown = await fault(world.send());
    expect(thrown).toMatchObject({ kind, status, retryAfterMs: null });
    expect(thrown.message).toContain('So it is.');
  });

  it('is what a 404 means that names the model; any other refuses the request', async () => {
    world.anthropic.refuses(404, 'not_found_error', 'model: claude-sonnet-4-5');
    expect(await fault(world.send())).toMatchObject({ kind: 'model_not_found', status: 404 });
    world.anthropic.refuses(404, 'not_found_error', 'File file-1 was not found.');
    expect(await refusal(world.send())).toMatchObject({ status: 400, message: 'File file-1 was not found.' });
  });

  it('says how long Anthropic asked to be left alone', async () => {
    world.anthropic.refuses(429, 'rate_limit_error', 'Too many requests', '17');
    expect((await fault(world.send())).retryAfterMs).toBe(17_000);
  });

  it.each([
    ['Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.', 'payment_required'],
    ['You have reached your specified API usage limits. You will regain access on 2026-04-01.', 'payment_required'],
    ['This organization has been disabled.', 'forbidden'],
  ])('of our own account is no refusal of the request, although Anthropic answers 400: %s', async (message, kind) => {
    world.anthropic.refuses(400, 'invalid_request_error', message);
    expect(await fault(world.send())).toMatchObject({ kind, status: 400 });
  });

  it('is a redirect, which is not followed', async () => {
    world.anthropic.mode = 'redirects';
    expect((await fault(world.send())).kind).toBe('invalid_answer');
    expect(world.anthropic.requests).toHaveLength(1);
  });

  it('is silence before the answer', async () => {
    world.anthropic.mode = 'silent';
    const thrown = await fault(world.provider({ firstByteMs: 50 }).send(aMessagesRequest()));
    expect(thrown.kind).toBe('timeout');
    await world.anthropic.hungUp.given;
  });

  it('is silence within the answer', async () => {
    world.anthropic.mode = 'falls-silent';
    expect((await fault(world.provider({ idleMs: 50 }).send(aMessagesRequest()))).kind).toBe('timeout');
    await world.anthropic.hungUp.given;
  });

  it('is an address where nobody listens', async () => {
    const gone = await AnthropicWorld.begin();
    const { baseUrl } = gone.anthropic;
    await gone.end();
    const provider = world.provider({ baseUrl });
    expect((await fault(provider.send(aMessagesRequest()))).kind).toBe('unreachable');
  });
});

describe('a caller who leaves', () => {
  it('ends the exchange at once, and is told the reason', async () => {
    world.anthropic.mode = 'silent';
    const leaving = new AbortController();
    const answer = world.send({ signal: leaving.signal });
    await world.anthropic.asked.given;
    const reason = new Error('the caller is gone');
    leaving.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await world.anthropic.hungUp.given;
  });
});
