import { Validator } from '@seriousme/openapi-schema-validator';
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
import { openApiDocument } from '#interfaces/http/system/openapi';
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
  aiSettings: new GatewaySettings(0, 600_000, 30_000, 600, 64),
});
const { operations } = container.get(HttpApp);
const document = openApiDocument(operations);

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
    expect(new Set(ids).size).toBe(names.length);
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

  it('lets operators alone under /api/v1/admin, and nobody unknown under /api', () => {
    for (const { path, access } of operations) {
      if (path.startsWith('/api/v1/admin/')) expect([path, access]).toEqual([path, 'admin']);
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
