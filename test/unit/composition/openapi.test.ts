import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { compose } from '#composition/container';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { moneyOfCredits } from '#domain/credits/credit';
import { DEFAULT_OFFER } from '#domain/payments/default-offer';
import { ApiKeySettings } from '#infrastructure/accounts/hmac-api-keys';
import { AccessTokenSettings } from '#infrastructure/accounts/jose-access-tokens';
import { dataSource } from '#infrastructure/persistence/data-source';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { sandboxTranscribers } from '#infrastructure/providers/sandbox-transcriber';
import { DiskUploadSettings } from '#infrastructure/sessions/disk-upload-storage';
import { HttpApp, HttpSettings } from '#interfaces/http/app';
import { RecordingLog } from '#test/support/fakes/recording-log';

/** The whole product, wired up and never started: no connection is opened before somebody asks for something. */
const container = compose({
  database: dataSource({ url: 'postgres://nobody@127.0.0.1:1/nothing', poolSize: 1 }),
  log: new RecordingLog(),
  plans: new FixedPlanCatalog(DEFAULT_CATALOG),
  transcribers: sandboxTranscribers,
  keys: new ApiKeySettings('a pepper for tests alone', 'test'),
  tokens: new AccessTokenSettings(null, null, null, null),
  uploads: new DiskUploadSettings('/nowhere', 'http://uploads.invalid', Buffer.alloc(32)),
  http: new HttpSettings([]),
  checkout: new CheckoutSettings('http://127.0.0.1:3000', []),
  offers: { offer: DEFAULT_OFFER },
  creditGrantCaps: new CreditGrantCaps(moneyOfCredits(100_000), moneyOfCredits(500_000)),
  aiProviders: [],
  budgets: new BudgetSettings(moneyOfCredits(3000), moneyOfCredits(0), null),
  aiSettings: new GatewaySettings(0, 600_000, 30_000, 600, 64),
});
const { operations, document } = container.get(HttpApp);
/** Of routes that are no operations. */
const BESIDE = [
  'post /v1/chat/completions',
  'post /v1/messages',
  'post /v1/images/generations',
  'post /v1/audio/transcriptions',
  'get /v1/models',
  'get /v1/models/{model}',
  'post /webhooks/stripe',
  'post /billing/session',
  'delete /billing/session',
  'post /billing/telegram-session',
];

/** What the sources of the pages ask for: every address as it is written, and those that are written with another's name before them. */
function askedByPages(): readonly string[] {
  const files = readdirSync('page/src', { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  const addresses = /['"`](\/(?:api\/v1|user)\/[^'"`?\s]*)/g;
  return files.flatMap((file) => {
    const source = readFileSync(join('page/src', file), 'utf8');
    const written = [...source.matchAll(addresses)].map(([, address]) => address!.replace(/\$\{[^}]*\}/g, ':'));
    const names = [...source.matchAll(/const (\w+) = ['`](\/api\/v1\/[^'`?]*)['`]/g)];
    const onTop = names.flatMap(([, name, start]) => joinedTo(source, name!, start!.replace(/\$\{[^}]*\}/g, ':')));
    return [...written, ...onTop];
  });
}

/** `${path}/replay`, and what is joined to the name of that. */
function joinedTo(source: string, name: string, start: string): readonly string[] {
  const joined = [...source.matchAll(new RegExp(`(?:const (\\w+) = )?\`\\$\\{${name}\\}(/[^\`?]*)`, 'g'))];
  return joined.flatMap(([, next, rest]) => {
    const address = start + rest!.replace(/\$\{[^}]*\}/g, ':');
    return next === undefined ? [address] : [address, ...joinedTo(source, next, address)];
  });
}

describe('an operation that is marked as one of the pages', () => {
  const pattern = (path: string) => path.replace(/:\w*/g, ':');
  const asked = new Set(askedByPages());

  it('is each that the pages ask for', () => {
    const known = new Set(operations.map(({ path }) => pattern(path)));
    expect([...asked].filter((address) => !known.has(address))).toEqual([]);
    const missing = operations.filter(({ path, page }) => !page && asked.has(pattern(path)));
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('is none that they do not ask for', () => {
    const idle = operations.filter(({ path, page }) => page && !asked.has(pattern(path)));
    expect(idle.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe('the OpenAPI document of the whole product', () => {
  it('is valid by the official schema of OpenAPI 3.1', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  });

  it('names every operation once', () => {
    const names = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids).toHaveLength(names.length + BESIDE.length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(BESIDE)('knows %s, which is no operation', (name) => {
    const [method, path] = name.split(' ') as [string, string];
    expect(document.paths[path]?.[method]).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
  });

  it('refers to nothing that is not there, and has nothing that nobody refers to', () => {
    const text = JSON.stringify(document);
    const referred = new Set(
      [...text.matchAll(/"#\/components\/(\w+)\/([\w.-]+)"/g)].map(([, kind, name]) => `${kind} ${name}`),
    );
    const defined = Object.entries(document.components)
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, parts]) => Object.keys(parts as object).map((name) => `${kind} ${name}`));
    expect([...referred].sort()).toEqual(defined.sort());
  });

  it("takes a key of the gateway's callers in either header", () => {
    const gateway = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
    expect(gateway).toHaveLength(6);
    for (const [, methods] of gateway) {
      for (const { security } of Object.values(methods)) expect(security).toEqual([{ bearer: [] }, { xApiKey: [] }]);
    }
  });

  it.each([
    'get /',
    'get /health',
    'get /health/live',
    'get /health/ready',
    'get /metrics',
    'get /api/v1/me',
    'get /api/v1/devices',
    'post /api/v1/devices',
    'delete /api/v1/devices/:id',
    'get /api/v1/admin/users',
    'post /api/v1/admin/users',
    'get /api/v1/admin/users/:id',
    'post /api/v1/admin/users/:id/plan',
    'post /api/v1/admin/users/:id/role',
    'post /api/v1/admin/users/:id/suspend',
    'post /api/v1/admin/users/:id/reinstate',
    'post /api/v1/admin/users/:id/devices',
    'post /api/v1/admin/users/:id/reset-period',
    'post /api/v1/admin/users/:id/undo-reset-period',
    'get /api/v1/admin/roles/audit-log',
    'post /api/v1/sessions',
    'get /user/balance',
    'get /api/v1/credits/transactions',
    'get /api/v1/credits/summary',
    'post /api/v1/payments/checkout',
    'get /api/v1/payments',
    'get /api/v1/payments/:id',
    'get /api/v1/payments/packages',
    'get /api/v1/admin/webhooks/events',
    'post /api/v1/admin/webhooks/events/:event/replay',
  ])('knows %s', (name) => {
    expect(operations.map(({ method, path }) => `${method} ${path}`)).toContain(name);
  });

  it('lets operators alone under admin, and nobody unknown under /api', () => {
    for (const { path, access } of operations) {
      if (/^\/api\/v1\/(budget\/)?admin\//.test(path)) expect([path, access]).toEqual([path, 'admin']);
      else if (path.startsWith('/api/') || path.startsWith('/user/')) expect([path, access]).toEqual([path, 'user']);
      else expect([path, access]).toEqual([path, 'public']);
    }
  });

  it('describes every field: no schema is empty', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const [field, described] of Object.entries((schema['properties'] ?? {}) as Record<string, object>)) {
        expect([name, field, Object.keys(described).length > 0]).toEqual([name, field, true]);
      }
    }
  });
});
