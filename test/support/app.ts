import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Container } from 'inversify';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { UserRegistration } from '#application/accounts/user-registration';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RunningRequests } from '#application/gateway/running-requests';
import type { Log } from '#application/ports/log';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { moneyOfCredits } from '#domain/credits/credit';
import { DEFAULT_OFFER } from '#domain/payments/default-offer';
import { compose } from '#composition/container';
import type { Foundation } from '#composition/system.module';
import type { Role } from '#domain/accounts/role';
import type { UserId } from '#domain/accounts/user';
import { Money } from '#domain/shared/money';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { ApiKeySettings } from '#infrastructure/accounts/hmac-api-keys';
import { AccessTokenSettings } from '#infrastructure/accounts/jose-access-tokens';
import { SandboxProvider } from '#infrastructure/gateway/sandbox-provider';
import { SystemClock } from '#infrastructure/system/system-clock';
import { dataSource } from '#infrastructure/persistence/data-source';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { sandboxTranscribers } from '#infrastructure/providers/sandbox-transcriber';
import { DiskUploadSettings } from '#infrastructure/sessions/disk-upload-storage';
import { HttpApp, HttpSettings } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import { createTestDatabase } from '#test/support/test-database';

/** Log lines that a test may look through; nothing is printed. */
export class KeptLog implements Log {
  readonly lines: { readonly level: string; readonly fields: unknown; readonly message: string }[] = [];

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  error(error: unknown, fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push({ level: 'error', fields: { ...fields, error: String(error) }, message });
  }
}

export interface TestUser {
  readonly id: UserId;
  readonly key: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

/** The whole application over its own database, reached through HTTP like by anybody else. */
export class TestApp {
  private constructor(
    readonly container: Container,
    readonly foundation: Foundation,
    readonly url: string,
    readonly databaseUrl: string,
    readonly log: KeptLog,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  static async start(changes: Partial<Foundation> & { readonly poolSize?: number } = {}): Promise<TestApp> {
    const { poolSize = 20, ...given } = changes;
    const testDatabase = await createTestDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'minutebook-uploads-'));
    const database = await dataSource({ url: testDatabase.url, poolSize }).initialize();
    const log = new KeptLog();
    const uploads = new DiskUploadSettings(directory, 'http://uploads.invalid', Buffer.alloc(32, 7));
    const foundation: Foundation = {
      database,
      log,
      plans: new FixedPlanCatalog(DEFAULT_CATALOG),
      transcribers: sandboxTranscribers,
      keys: new ApiKeySettings('a pepper for tests alone', 'test'),
      tokens: new AccessTokenSettings('a secret of thirty-two bytes, or more', null, null, null),
      uploads,
      http: new HttpSettings(['https://app.example.com']),
      checkout: new CheckoutSettings('http://minutebook.test', ['https://app.example.com']),
      offers: { offer: DEFAULT_OFFER },
      creditGrantCaps: new CreditGrantCaps(moneyOfCredits(100_000), moneyOfCredits(500_000)),
      aiProviders: [new SandboxProvider(given.clock ?? new SystemClock())],
      aiSettings: new GatewaySettings(0, 60_000, 5_000, 1_000_000, 1_000),
      budgets: new BudgetSettings(Money.ofMicros(10_000_000_000n), Money.zero, null),
      ...given,
    };
    const container = compose(foundation);
    const server = serverOf(container.get(HttpApp).build());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new TestApp(container, foundation, url, testDatabase.url, log, async () => {
      server.close();
      server.closeAllConnections();
      await container.get(RunningRequests).idle();
      await database.destroy();
      await testDatabase.drop();
      await rm(directory, { recursive: true, force: true });
    });
  }

  stop(): Promise<void> {
    return this.cleanUp();
  }

  /** Rows of a question to the database, for asserting the ledger behind an answer. */
  async rows<Row = Record<string, unknown>>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.foundation.database.query<Row[]>(sql, [...values]);
  }

  async user(
    plan: PlanName = 'free',
    role: Role = 'user',
    email = `${crypto.randomUUID()}@example.com`,
  ): Promise<TestUser> {
    const user = await this.container
      .get(UserRegistration)
      .execute({ email, name: 'Test', plan, role, actor: 'test', reason: null });
    const { secret } = await this.container.get(DeviceRegistration).execute(user.id, 'test');
    return { id: user.id, key: secret };
  }

  async call(
    method: string,
    path: string,
    { as, body, headers = {} }: { as?: TestUser; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answered> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(as && { Authorization: `Bearer ${as.key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text };
  }

  /** Uploads bytes to the address that an upload-url answer names, wherever it says that is. */
  async upload(uploadUrl: string, bytes: Uint8Array): Promise<Answered> {
    const { pathname, search } = new URL(uploadUrl);
    const response = await fetch(this.url + pathname + search, { method: 'PUT', body: bytes });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
  }
}
