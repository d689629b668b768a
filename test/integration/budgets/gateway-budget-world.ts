import { BudgetVerification } from '#application/budgets/budget-verification';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RunningRequests } from '#application/gateway/running-requests';
import { Clock } from '#application/ports/clock';
import { Transaction } from '#application/ports/transaction';
import type { BudgetMode } from '#domain/budgets/budget';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { Money } from '#domain/shared/money';
import { OpenAiCompatibleProvider } from '#infrastructure/gateway/openai-compatible-provider';
import { aSpend } from '#test/contracts/budget-life';
import { OpenAiDouble } from '#test/support/ai/openai-double';
import type { Answered, TestApp, TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { GatewayWorld } from '../gateway/gateway-world.js';

/** Two providers of one model: the operator prefers the dear one, at 100 USD a million tokens; the cheap one asks 1. */
export const MODEL = 'two-prices';
export const ASKED = { model: MODEL, messages: [{ role: 'user', content: 'Grüezi!' }], max_tokens: 100 };

/** A running gateway over two providers, and budgets as a test wishes them. */
export class GatewayBudgetWorld {
  private constructor(
    readonly gateway: GatewayWorld,
    readonly clock: ManualClock,
    readonly dear: OpenAiDouble,
    readonly cheap: OpenAiDouble,
    private readonly providers: readonly OpenAiCompatibleProvider[],
  ) {}

  static async start(): Promise<GatewayBudgetWorld> {
    const [dear, cheap] = [await OpenAiDouble.start(), await OpenAiDouble.start()];
    const providers = [providerAt('dear', dear), providerAt('cheap', cheap)];
    // After the prices that it is delivered with.
    const clock = new ManualClock(new Date());
    const aiSettings = new GatewaySettings(0, 60_000, 5_000, 1_000_000, 1_000);
    const gateway = await GatewayWorld.start({ aiProviders: providers, aiSettings, clock });
    const world = new GatewayBudgetWorld(gateway, clock, dear, cheap, providers);
    await world.offer();
    return world;
  }

  async stop(): Promise<void> {
    for (const provider of this.providers) await provider.close();
    await this.gateway.stop();
    for (const double of [this.dear, this.cheap]) await double.close();
  }

  get app(): TestApp {
    return this.gateway.app;
  }

  /** With 1000 credits, and a monthly budget of so many micros. */
  async user(limit: number, mode: BudgetMode = 'block', credits = 1000): Promise<TestUser> {
    const user = await this.gateway.userWith(credits);
    await this.app.rows('insert into budgets (id, limit_micros, mode) values ($1, $2, $3)', [user.id, limit, mode]);
    return user;
  }

  async spent({ id: userId }: TestUser, micros: number): Promise<void> {
    const { container } = this.app;
    const at = container.get(Clock).now();
    const requestId = crypto.randomUUID();
    await container.get(Transaction).run(async () => {
      await this.app.rows(
        `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens, estimated_micros,
                                          actual_micros, succeeded, metadata, actor, at)
           values (gen_random_uuid(), $1, $2, 'llm', 'sandbox', 'sandbox-chat', 'test', 12, $3::bigint, $3::bigint, true, '{}', 'test', $4)`,
        [userId, requestId, micros, at],
      );
      await container.get(BudgetLedger).settle(aSpend({ userId, requestId, at, cost: Money.ofMicros(BigInt(micros)) }));
    });
  }

  ask(user: TestUser, body: unknown = ASKED): Promise<Answered> {
    return this.app.call('POST', '/v1/chat/completions', { as: user, body });
  }

  /** What is held for a user once nobody is at work: in credit, minutes and both budgets. All books add up. */
  async heldOf({ id }: TestUser): Promise<Readonly<Record<string, number>>> {
    await this.app.container.get(RunningRequests).idle();
    expect((await this.app.container.get(BudgetVerification).execute(null)).findings).toEqual([]);
    const [row] = await this.app.rows<Record<string, string>>(
      `select (select count(*) from credit_holds where user_id = $1 and state = 'open') as credit,
              (select count(*) from holds where user_id = $1) as minutes,
              (select count(*) from budget_holds where user_id = $1) as budget,
              (select coalesce(sum(held_micros), 0) from budget_periods where budget_id = $1) as micros`,
      [id],
    );
    return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
  }

  get sent(): readonly [number, number] {
    return [this.dear.requests.length, this.cheap.requests.length];
  }

  private async offer(): Promise<void> {
    const targets = [];
    for (const [provider, rate] of [
      ['dear', '100000000'],
      ['cheap', '1000000'],
    ] as const) {
      await this.app.rows(
        `insert into model_prices (id, provider, model, modality, rates, traits, effective_from, source)
           values (gen_random_uuid(), $1, $1, 'chat', $2, '{}', '2025-02-01', 'test')`,
        [provider, JSON.stringify({ input_token: rate, output_token: rate })],
      );
      targets.push({ provider, model: provider });
    }
    await this.app.rows(
      `insert into model_routes (model, effective_from, targets, source) values ($1, '2025-02-01', $2, 'test')`,
      [MODEL, JSON.stringify(targets)],
    );
  }
}

function providerAt(name: string, { baseUrl }: OpenAiDouble): OpenAiCompatibleProvider {
  return new OpenAiCompatibleProvider({
    ...{ name, baseUrl, apiKey: 'sk-double-0123456789', tasks: ['chat'], connections: 4, extraHeaders: {} },
    ...{ connectMs: 5_000, firstByteMs: 60_000, idleMs: 60_000 },
  });
}
