import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type UpstreamCall, type UpstreamSettings, Upstream, wholeBody } from '#infrastructure/gateway/upstream';
import { failureOf, retryAfterMs } from '#infrastructure/gateway/upstream-failure';
import * as double from '#test/support/ai/openai-double';

const ASKED = { provider: 'openai', model: 'gpt-9' };
const LEFT = new Error('the caller left');

describe('An upstream', () => {
  let server: double.OpenAiDouble;
  let upstreams: Upstream[];

  beforeEach(async () => {
    server = await double.OpenAiDouble.start();
    upstreams = [];
  });

  afterEach(async () => {
    await Promise.all(upstreams.map((each) => each.close()));
    await server.close();
  });

  function upstream(of: Partial<UpstreamSettings> = {}): Upstream {
    const one = new Upstream({
      provider: 'openai',
      baseUrl: server.baseUrl,
      headers: { authorization: 'Bearer sk-double' },
      connectMs: 5_000,
      firstByteMs: 5_000,
      idleMs: 5_000,
      connections: 4,
      ...of,
    });
    upstreams.push(one);
    return one;
  }

  it('sends its headers, and reads the answer whole', async () => {
    const answer = await upstream().post('/chat/completions', call());
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(await wholeBody('openai', answer)))).toEqual(double.COMPLETION);
    expect(server.lastRequest).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-double', 'x-request-id': 'trace-1', accept: 'application/json' },
    });
  });

  it('uses a connection again', async () => {
    const one = upstream();
    for (let index = 0; index < 10; index++) await wholeBody('openai', await one.post('/a', call()));
    // One may be on its way back still when the next is needed.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('asks a second time when the connection broke before an answer, and no third time', async () => {
    server.does(double.resets, double.answers({}));
    expect((await upstream().post('/a', call())).status).toBe(200);
    expect(server.requests).toHaveLength(2);
    server.does(double.resets);
    await expect(upstream().post('/a', call())).rejects.toMatchObject({ kind: 'unreachable' });
    expect(server.requests).toHaveLength(4);
  });

  it('does not ask a second time once an answer began', async () => {
    server.does(double.truncated('{"a": '));
    const answer = await upstream().post('/a', call());
    await expect(wholeBody('openai', answer)).rejects.toMatchObject({ kind: 'server_error' });
    expect(server.requests).toHaveLength(1);
  });

  it('does not ask a second time after it waited too long', async () => {
    server.does(double.isSilent);
    const late = upstream({ firstByteMs: 50 }).post('/a', call());
    await expect(late).rejects.toMatchObject({ kind: 'timeout' });
    await server.hungUp.given;
    expect(server.requests).toHaveLength(1);
  });

  it('counts the time that a request waits for a free connection', async () => {
    server.does(double.isSilent);
    const one = upstream({ connections: 1, firstByteMs: 100 });
    const both = await Promise.allSettled([one.post('/a', call()), one.post('/b', call())]);
    expect(both.map((each) => (each.status === 'rejected' ? (each.reason as { kind: string }).kind : ''))).toEqual([
      'timeout',
      'timeout',
    ]);
  });

  it('cannot be reached where nothing listens', async () => {
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const nobody = upstream({ baseUrl: `http://127.0.0.1:${port}` });
    await expect(nobody.post('/a', call())).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('follows no redirect', async () => {
    server.does(double.redirects);
    await expect(upstream().post('/a', call())).rejects.toMatchObject({ kind: 'invalid_answer', status: 307 });
    expect(server.requests).toHaveLength(1);
  });

  it('takes something that is no HTTP for no answer', async () => {
    const babbler = await listening((socket) => void socket.on('data', () => socket.end('Grüezi, this is SMTP\r\n')));
    const answer = upstream({ baseUrl: addressOf(babbler) }).post('/a', call());
    await expect(answer).rejects.toMatchObject({ kind: 'invalid_answer' });
    babbler.close();
  });

  it('is asked nothing for a caller who left already', async () => {
    await expect(upstream().post('/a', call(AbortSignal.abort(LEFT)))).rejects.toBe(LEFT);
    expect(server.requests).toHaveLength(0);
  });

  it('closes the connection when the caller leaves before the answer', async () => {
    server.does(double.isSilent);
    const caller = new AbortController();
    const asking = upstream().post('/a', call(caller.signal));
    await server.asked.given;
    caller.abort(LEFT);
    await expect(asking).rejects.toBe(LEFT);
    await server.hungUp.given;
    expect(server.requests).toHaveLength(1);
  });

  it('lets a caller go at once who waits for a connection', async () => {
    server.does(double.isSilent);
    const one = upstream({ connections: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const asking = one.post('/a', call(first.signal));
    const waiting = one.post('/b', call(second.signal));
    await server.asked.given;
    second.abort(LEFT);
    await expect(waiting).rejects.toBe(LEFT);
    first.abort(LEFT);
    await expect(asking).rejects.toBe(LEFT);
    await server.hungUp.given;
    expect(server.requests).toHaveLength(1);
  });

  it('closes the connection when the caller leaves while the answer is read', async () => {
    server.does(double.streams(double.CONTENT, 'falls silent'));
    const caller = new AbortController();
    const { body } = await upstream().post('/a', call(caller.signal));
    const reading = (async () => {
      for await (const chunk of body) if (String(chunk).includes('Grüezi')) caller.abort(LEFT);
    })();
    await expect(reading).rejects.toBe(LEFT);
    await server.hungUp.given;
  });

  it('closes the connection of an answer that nobody reads on', async () => {
    server.does(double.floods(double.CONTENT[1]!));
    const caller = new AbortController();
    const { body } = await upstream().post('/a', call(caller.signal));
    const pieces = body[Symbol.asyncIterator]();
    await pieces.next();
    caller.abort(LEFT);
    await server.hungUp.given;
    await expect(pieces.next()).rejects.toBe(LEFT);
  });

  it('has its connections free again when callers left paused answers', async () => {
    server.does(double.floods(double.CONTENT[1]!), double.floods(double.CONTENT[1]!), double.answers({}));
    const one = upstream({ connections: 2 });
    const caller = new AbortController();
    const answers = [await one.post('/a', call(caller.signal)), await one.post('/b', call(caller.signal))];
    for (const { body } of answers) await body[Symbol.asyncIterator]().next();
    caller.abort(LEFT);
    expect((await one.post('/c', call())).status).toBe(200);
  });

  it('closes the connection when the loop over the answer is left', async () => {
    server.does(double.streams(double.CONTENT, 'falls silent'));
    const { body } = await upstream().post('/a', call());
    for await (const piece of body) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await server.hungUp.given;
  });

  it('may not fall silent in the middle of an answer', async () => {
    server.does(double.streams(double.CONTENT, 'falls silent'));
    const answer = await upstream({ idleMs: 100 }).post('/a', call());
    await expect(wholeBody('openai', answer)).rejects.toMatchObject({ kind: 'timeout' });
    await server.hungUp.given;
  });

  it('may not answer more than is asked for', async () => {
    server.does(double.floods('data: a\n\n'));
    const answer = await upstream().post('/a', call());
    await expect(wholeBody('openai', answer, 100_000)).rejects.toMatchObject({ kind: 'invalid_answer' });
    await server.hungUp.given;
  });

  it.each([['ftp://example.org'], ['https://user:secret@example.org/v1'], ['https://example.org/v1?key=secret']])(
    'is not made for the base URL %s',
    (baseUrl) => {
      expect(() => upstream({ baseUrl })).toThrow('The base URL of openai must be');
    },
  );

  it.each([
    [401, {}, 'unauthorized'],
    [402, {}, 'payment_required'],
    [403, {}, 'forbidden'],
    [404, {}, 'invalid_answer'],
    [404, '<html>Not found</html>', 'invalid_answer'],
    [404, { message: 'Not Found' }, 'invalid_answer'],
    [404, { message: 'model: gpt-9' }, 'model_not_found'],
    [404, { message: 'The model `gpt-9` does not exist or you do not have access to it.' }, 'model_not_found'],
    [404, { message: 'No endpoints found for gpt-9.', code: 404 }, 'model_not_found'],
    [404, { code: 'model_not_found' }, 'model_not_found'],
    [400, { code: 'model_not_found' }, 'model_not_found'],
    [400, { message: 'gpt-9 is not a valid model ID', code: 400 }, 'model_not_found'],
    [408, {}, 'timeout'],
    [409, {}, 'invalid_answer'],
    [429, {}, 'rate_limited'],
    [429, { type: 'insufficient_quota', code: 'insufficient_quota' }, 'payment_required'],
    [500, {}, 'server_error'],
    [502, '<html>Bad gateway</html>', 'server_error'],
    [503, {}, 'overloaded'],
    [504, {}, 'timeout'],
    [529, {}, 'overloaded'],
  ])('is at fault when it answers %d %j: %s', async (status, error, kind) => {
    server.does(double.refuses(status, error));
    expect(await failureOf(ASKED, await upstream().post('/a', call()))).toMatchObject({ kind, status });
  });

  it.each([[400], [413], [422]])('refuses what it is asked with %d, in its own words', async (status) => {
    const message = "'temperature' must be at most 2";
    server.does(double.refuses(status, { message, type: 'invalid_request_error', code: 'bad', param: 'temperature' }));
    const failure = await failureOf(ASKED, await upstream().post('/a', call()));
    expect(failure).toMatchObject({ name: 'ProviderRefusal', status, message, code: 'bad', param: 'temperature' });
  });

  it.each([
    [404, { message: "File 'file-1' was not found.", type: 'invalid_request_error', param: 'file' }],
    [404, { message: 'No endpoints found that support image input', code: 404 }],
    [400, { message: "Invalid value: 'The model gpt-9 does not exist'", code: 'invalid_value', param: 'tools' }],
    [403, { message: 'Your chosen model requires moderation and your input was flagged', code: 403 }],
    [403, { message: 'No.', code: 403, metadata: { reasons: ['violence'], flagged_input: 'hit' } }],
    [403, { message: 'No.', code: 'content_policy_violation' }],
    [403, { message: 'No.', type: 'moderation_blocked' }],
  ])('refuses the request when it answers %d %j: neither its models nor itself are at fault', async (status, error) => {
    server.does(double.refuses(status, error));
    const failure = await failureOf(ASKED, await upstream().post('/a', call()));
    expect(failure).toMatchObject({ name: 'ProviderRefusal', status: 400, message: error.message });
  });

  it('is not quoted with secrets in what it says', async () => {
    const message =
      'Incorrect key sk-proj-abcDEF123 for Bearer abcdef.123 at https://me:pass@example.org/v1?x and ' +
      'x'.repeat(2000);
    server.does(double.refuses(400, { message }));
    const failure = await failureOf(ASKED, await upstream().post('/a', call()));
    expect(failure.message).not.toMatch(/abcDEF|abcdef|pass/);
    expect(failure.message).toHaveLength(1000);
  });

  it('is not waited for when the body of an error stalls', async () => {
    server.does(async (response) => {
      response.writeHead(503, { 'retry-after': '7' });
      response.write('{"error":');
    });
    const failure = await failureOf(ASKED, await upstream({ idleMs: 50 }).post('/a', call()));
    expect(failure).toMatchObject({ kind: 'overloaded', retryAfterMs: 7_000 });
  });

  it.each([
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
    [{ 'retry-after': '9' }, 9_000],
    [{ 'retry-after': 'Tue, 10 Mar 2026 12:00:30 GMT', date: 'Tue, 10 Mar 2026 12:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('asks not to be asked by %j: %s ms', (headers, ms) => {
    expect(retryAfterMs(headers)).toBe(ms);
  });
});

function call(signal: AbortSignal = new AbortController().signal): UpstreamCall {
  return { contentType: 'application/json', body: '{}', accept: 'application/json', requestId: 'trace-1', signal };
}

async function listening(handle: (socket: Socket) => void): Promise<Server> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
