/**
 * A worker of its own process, as MINUTEBOOK_ROLE=worker has one, with a provider that does what the name of the recording
 * says and tells on stdout what it is asked: `submit land.wav <attempt key>`.
 */
import 'reflect-metadata';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { compose } from '#composition/container';
import { Money } from '#domain/shared/money';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { ApiKeySettings } from '#infrastructure/accounts/hmac-api-keys';
import { AccessTokenSettings } from '#infrastructure/accounts/jose-access-tokens';
import { GraphileWorker } from '#infrastructure/jobs/graphile-worker';
import { dataSource } from '#infrastructure/persistence/data-source';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { DiskUploadSettings } from '#infrastructure/sessions/disk-upload-storage';
import { HttpSettings } from '#interfaces/http/shared/http-settings';

const { WORKER_DATABASE_URL: url, WORKER_UPLOADS: uploads, WORKER_HANGS: hangs } = process.env;
const say = (line) => process.stdout.write(`${line}\n`);

const done = ({ seconds }) => ({
  state: 'done',
  reportedSeconds: seconds,
  language: 'en-US',
  segments: [{ speaker: 'A', startMs: 0, endMs: 1000, text: 'Hello.', confidence: 0.9 }],
  metadata: { provider: 'sandbox' },
});

const provider = {
  provider: 'sandbox',
  model: 'sandbox-1',
  submit: async (order) => {
    say(`submit ${order.filename} ${order.attemptKey}`);
    for await (const chunk of await order.open()) void chunk;
    if (hangs && order.filename === 'hang.wav') await new Promise(() => setInterval(() => undefined, 1000));
    if (order.filename === 'accept.wav') return { state: 'running', externalId: 'order-7', askAgainInSeconds: 1 };
    return done(order);
  },
  poll: async (externalId, order) => {
    say(`poll ${order.filename} ${externalId}`);
    return hangs ? { state: 'running', externalId, askAgainInSeconds: 1 } : done(order);
  },
};

const silent = { info: () => undefined, warn: () => undefined, error: (error) => say(`error ${error}`) };

const container = compose({
  database: await dataSource({ url, poolSize: 6 }).initialize(),
  log: silent,
  plans: new FixedPlanCatalog(DEFAULT_CATALOG),
  transcribers: () => [provider],
  keys: new ApiKeySettings('a pepper for tests alone', 'test'),
  tokens: new AccessTokenSettings('a secret of thirty-two bytes, or more', null, null, null),
  uploads: new DiskUploadSettings(uploads, 'http://uploads.invalid', Buffer.alloc(32, 7)),
  http: new HttpSettings([]),
  checkout: new CheckoutSettings('http://minutebook.invalid', []),
  aiProviders: [],
  budgets: new BudgetSettings(Money.ofMicros(30_000_000n), Money.zero, null),
  aiSettings: new GatewaySettings(0, 600_000, 30_000, 600, 64),
});
await container.get(GraphileWorker).start({ connectionString: url, concurrency: 4, beatMs: 100, deadAfterMs: 500 });
say('ready');
