import type { SubscriptionCensus } from '#application/billing/subscription-census';
import type { Transcribers } from '#application/sessions/transcribers';
import type { DatabaseState } from '#application/system/database-health';
import { MetricsExposition } from '#application/system/metrics-exposition';
import { VERSION } from '#application/system/version';
import { PrometheusTelemetry } from '#infrastructure/telemetry/prometheus-telemetry';
import { HttpSettings } from '#interfaces/http/shared/http-settings';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { SystemController } from '#interfaces/http/system/system.controller';
import { RunningHttpApp } from '#test/support/http-app';
import { openApiCheck } from '#test/support/openapi-check';

let state: DatabaseState;
let app: RunningHttpApp;

async function start({ token = null, providers = ['sandbox'] }: { token?: string | null; providers?: string[] } = {}) {
  const settings = new HttpSettings([], token);
  const transcribers = { all: providers.map((provider) => ({ provider })) } as unknown as Transcribers;
  const database = { check: async () => state };
  const census = { countByStatus: async () => ({}), countInvoiceOutcomes: async () => ({}) };
  const outages = { recognise: () => null };
  const metrics = new MetricsExposition(new PrometheusTelemetry(), census as unknown as SubscriptionCensus, outages);
  const { operations } = new SystemController(database, transcribers, metrics, settings);
  const check = openApiCheck(openApiDocument(operations));
  app = await RunningHttpApp.start(operations, { settings });
  return async (path: string, headers = {}) => {
    const answered = await app.ask('GET', path, { headers });
    check.expectDocumented('GET', path.split('?')[0]!, answered.status, answered.body);
    return answered;
  };
}

beforeEach(() => {
  state = 'ready';
});
afterEach(() => app.stop());

describe('GET /', () => {
  it('says what this is and where to go from here', async () => {
    const { status, body } = await (await start())('/');
    expect([status, body.name, body.version, body.sandbox]).toEqual([200, 'minutebook', VERSION, true]);
    expect(body.links).toEqual({
      documentation: '/docs',
      openapi: '/openapi.json',
      health: '/health',
      metrics: '/metrics',
    });
  });

  it('says that this is no sandbox when a real provider works', async () => {
    expect((await (await start({ providers: ['openai'] }))('/')).body.sandbox).toBe(false);
  });
});

describe('health', () => {
  it.each([
    ['ready', 200, 200, { status: 'ok', database: 'connected', migrations: 'current' }],
    ['outdated', 200, 503, { database: 'connected', migrations: 'pending' }],
    ['unreachable', 503, 503, { status: 'unavailable', database: 'unreachable', migrations: 'unknown' }],
  ] as const)('of a database that is %s: /health %d, /health/ready %d', async (given, health, ready, body) => {
    state = given;
    const get = await start();
    const answers = [await get('/health'), await get('/health/ready'), await get('/health/live')];
    expect(answers.map(({ status }) => status)).toEqual([health, ready, 200]);
    expect(answers[0]!.body).toMatchObject({ ...body, version: VERSION });
    expect(answers[1]!.body.status).toBe(ready === 200 ? 'ok' : 'unavailable');
    expect(answers[2]!.body).toEqual({ status: 'alive' });
  });
});

describe('GET /metrics', () => {
  it('is Prometheus text, for everybody who can reach it', async () => {
    const { status, text, headers } = await (await start())('/metrics');
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('# TYPE http_request_duration_seconds histogram');
  });

  it('asks for its token where one is set, and takes no other', async () => {
    const get = await start({ token: 'scrape-me' });
    for (const given of [
      {},
      ...['Bearer scrape-m', 'Bearer scrape-me2', 'scrape-me', 'Bearer user-key'].map((Authorization) => ({
        Authorization,
      })),
    ]) {
      const { status, body } = await get('/metrics', given);
      expect([status, body.detail.error]).toEqual([401, 'not_authenticated']);
    }
    expect((await get('/metrics', { Authorization: 'Bearer scrape-me' })).status).toBe(200);
  });
});
