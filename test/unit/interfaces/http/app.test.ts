import { IsString } from 'class-validator';
import { DatabaseUnavailable } from '#application/ports/outages';
import { HttpSettings } from '#interfaces/http/shared/http-settings';
import { type Operation, operation } from '#interfaces/http/shared/operation';
import { RunningHttpApp } from '#test/support/http-app';

class Thing {
  @IsString() name!: string;
}

class ThingRequest {
  @IsString() name!: string;
}

const THING = { tag: 'things', summary: 'Thing', access: 'user', answer: Thing } as const;

let fault: Error | null;
const answer = async () => {
  if (fault) throw fault;
  return { name: 'thing' };
};

// In the wrong order on purpose.
const OPERATIONS: readonly Operation[] = [
  operation({ ...THING, method: 'get', path: '/things/:id', handle: async () => ({ name: 'one' }) }),
  operation({ ...THING, method: 'delete', path: '/things/:id', handle: answer }),
  operation({ ...THING, method: 'get', path: '/things/special', handle: async () => ({ name: 'special' }) }),
  operation({ ...THING, method: 'post', path: '/things', body: ThingRequest, handle: answer }),
];

let app: RunningHttpApp;
beforeAll(async () => {
  app = await RunningHttpApp.start(OPERATIONS, { settings: new HttpSettings(['https://app.example.com']) });
});
afterAll(() => app.stop());
beforeEach(() => {
  fault = null;
  app.log.lines.length = 0;
  app.telemetry.counted.length = 0;
});

const key = 'user-key';

/** Everything that is no success has one shape. */
function expectProblem(answered: Awaited<ReturnType<typeof app.ask>>, status: number, error: string): void {
  const { detail } = answered.body;
  expect([answered.status, detail.error]).toEqual([status, error]);
  expect(typeof detail.message).toBe('string');
  expect(detail.request_id).toBe(answered.headers.get('X-Request-Id'));
  expect(answered.headers.get('Content-Type')).toMatch(/^application\/json/);
}

describe('requests that are not understood', () => {
  it('are answered 404 where there is nothing', async () => {
    expectProblem(await app.ask('GET', '/nothing/here'), 404, 'route_not_found');
  });

  it('are answered 405, with what is allowed, where there is something for another method', async () => {
    const answered = await app.ask('PUT', '/things/7', { key });
    expectProblem(answered, 405, 'method_not_allowed');
    expect(answered.headers.get('Allow')).toBe('GET, DELETE');
    expect(answered.body.detail.allowed).toEqual(['GET', 'DELETE']);
  });

  it.each(['{', '{"name":}', '"name"', 'null'])('are answered 400 for the body %s', async (raw) => {
    expectProblem(await app.ask('POST', '/things', { key, raw }), 400, 'malformed_json');
  });

  it('are answered 413 for a body of more than a megabyte', async () => {
    const raw = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    expectProblem(await app.ask('POST', '/things', { key, raw }), 413, 'body_too_large');
  });

  it('are answered 400 for an address that cannot be decoded', async () => {
    expectProblem(await app.ask('GET', '/things/%E0%A4%A', { key }), 400, 'malformed_address');
  });

  it('are answered 415 for a charset or an encoding that nobody reads', async () => {
    const charset = { 'Content-Type': 'application/json; charset=klingon' };
    expectProblem(await app.ask('POST', '/things', { key, raw: '{}', headers: charset }), 415, 'unsupported_charset');
    const encoding = { 'Content-Encoding': 'morse' };
    expectProblem(await app.ask('POST', '/things', { key, raw: '{}', headers: encoding }), 415, 'unsupported_encoding');
  });

  it('are answered 415 for a body that is packed: a bomb is not unpacked', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    expectProblem(await app.ask('POST', '/things', { raw: '{}', headers }), 415, 'unsupported_encoding');
  });
});

describe('what goes wrong on our side', () => {
  it('is a 500 that explains nothing to the caller and everything to the log', async () => {
    fault = new Error('the secret of our failure');
    const answered = await app.ask('DELETE', '/things/4711', { key });
    expectProblem(answered, 500, 'internal_error');
    expect(answered.text).not.toContain('secret');
    const logged = app.log.lines.find(({ level }) => level === 'error');
    expect(logged?.error).toBe(fault);
    expect(logged?.fields).toEqual({
      request_id: answered.headers.get('X-Request-Id'),
      method: 'DELETE',
      route: '/things/:id',
    });
  });

  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' })],
    ['no free connection', new Error('timeout exceeded when trying to connect')],
    ['an outage by name', new DatabaseUnavailable()],
  ])('is a 503 to come back to, and logged, for %s', async (_, outage) => {
    fault = outage;
    const answered = await app.ask('POST', '/things', { key, json: { name: 'a' } });
    expectProblem(answered, 503, 'database_unavailable');
    expect(answered.headers.get('Retry-After')).toBe('1');
    expect(app.log.lines.find(({ level }) => level === 'error')?.error).toBe(outage);
  });
});

describe('every answer', () => {
  it('has a request id: the one that came along, if it can be one', async () => {
    const given = await app.ask('GET', '/things/7', { key, headers: { 'X-Request-Id': 'abc_DEF-123' } });
    expect(given.headers.get('X-Request-Id')).toBe('abc_DEF-123');
    for (const id of ['short', 'with space and more', 'x'.repeat(65)]) {
      const made = await app.ask('GET', '/things/7', { key, headers: { 'X-Request-Id': id } });
      expect(made.headers.get('X-Request-Id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    }
  });

  it('is not to be stored, sniffed, framed or run', async () => {
    for (const path of ['/things/7', '/nothing']) {
      const { headers } = await app.ask('GET', path, { key });
      expect(headers.get('Cache-Control')).toBe('no-store');
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Content-Security-Policy')).toBe("default-src 'none';frame-ancestors 'none'");
      expect(headers.get('X-Powered-By')).toBeNull();
    }
  });

  it('is logged and counted by its route, never by its address', async () => {
    await app.ask('GET', '/things/4711', { key });
    await app.ask('GET', '/nowhere/4711');
    await app.ask('PUT', '/things/4711');
    expect(app.telemetry.counted).toEqual([
      'httpAnswered GET /things/:id 200',
      'httpAnswered GET none 404',
      'httpAnswered PUT /things/:id 405',
    ]);
    expect(JSON.stringify(app.log.lines)).not.toContain('4711');
    expect(app.log.lines.map(({ fields }) => fields['status'])).toEqual([200, 404, 405]);
  });

  it('comes from the route with the literal word before the one with a parameter', async () => {
    expect((await app.ask('GET', '/things/special', { key })).body.name).toBe('special');
    expect((await app.ask('GET', '/things/other', { key })).body.name).toBe('one');
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    app.ask('OPTIONS', '/things', { headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' } });

  it('may read answers when their origin is listed', async () => {
    const { headers } = await app.ask('GET', '/things/7', { key, headers: { Origin: 'https://app.example.com' } });
    expect(headers.get('Access-Control-Allow-Origin')).toBe('https://app.example.com');
    expect(headers.get('Access-Control-Expose-Headers')).toContain('Idempotent-Replayed');
    expect(headers.get('Vary')).toContain('Origin');
    const asked = await preflight('https://app.example.com');
    expect([asked.status, asked.headers.get('Access-Control-Allow-Origin')]).toEqual([204, 'https://app.example.com']);
  });

  it('may read refusals and faults as well, or a browser would call them network errors', async () => {
    fault = new Error('bug');
    const headers = { Origin: 'https://app.example.com' };
    for (const asked of [{ json: { name: 'a' } }, { raw: '{' }]) {
      const answered = await app.ask('POST', '/things', { key, headers, ...asked });
      expect(answered.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example.com');
    }
  });

  it.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'http://app.example.com', 'null'])(
    'may not when it is %s',
    async (origin) => {
      const { headers } = await app.ask('GET', '/things/7', { key, headers: { Origin: origin } });
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
      expect((await preflight(origin)).headers.get('Access-Control-Allow-Origin')).toBeNull();
    },
  );
});
