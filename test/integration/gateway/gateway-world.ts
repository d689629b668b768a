import type { Foundation } from '#composition/system.module';
import { CreditLedger } from '#application/credits/credit-ledger';
import { moneyOfCredits } from '#domain/credits/credit';
import { TestApp, type TestUser } from '#test/support/app';

/** A running gateway, and users with credit. */
export class GatewayWorld {
  private constructor(readonly app: TestApp) {}

  static async start(changes: Partial<Foundation> & { readonly poolSize?: number } = {}): Promise<GatewayWorld> {
    return new GatewayWorld(await TestApp.start(changes));
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  async userWith(credits: number): Promise<TestUser> {
    const user = await this.app.user();
    if (credits === 0) return user;
    await this.app.container.get(CreditLedger).grant(user.id, {
      type: 'purchase',
      amount: moneyOfCredits(credits),
      category: 'paid',
      expiresAt: null,
      key: 'test',
      description: 'For a test',
      metadata: {},
      actor: 'test',
    });
    return user;
  }

  /** What the database says of a user: balance, held, the sum of the entries, log entries. */
  async booksOf({ id }: TestUser): Promise<{
    readonly balance: number;
    readonly held: number;
    readonly entries: number;
    readonly logs: readonly LogRow[];
    readonly openHolds: number;
  }> {
    const [account] = await this.app.rows<{ balance: string; held: string }>(
      'select balance_micros as balance, held_micros as held from credit_accounts where user_id = $1',
      [id],
    );
    const [sums] = await this.app.rows<{ entries: string; holds: string }>(
      `select (select coalesce(sum(amount_micros), 0) from credit_transactions where user_id = $1) as entries,
              (select count(*) from credit_holds where user_id = $1 and state = 'open') as holds`,
      [id],
    );
    const logs = await this.app.rows<LogRow>(
      `select request_id, outcome, provider, model, requested_model, quantities, usage_source, cost_micros::int as cost,
              provider_cost_micros::int as provider_cost, held_micros::int as held, attempts, streamed
         from ai_usage_logs where user_id = $1 order by started_at, id`,
      [id],
    );
    return {
      balance: Number(account?.balance ?? 0),
      held: Number(account?.held ?? 0),
      entries: Number(sums!.entries),
      logs,
      openHolds: Number(sums!.holds),
    };
  }
}

export interface LogRow {
  readonly request_id: string;
  readonly outcome: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly requested_model: string;
  readonly quantities: Readonly<Record<string, number>>;
  readonly usage_source: string;
  readonly cost: number;
  readonly provider_cost: number;
  readonly held: number;
  readonly attempts: readonly { readonly provider: string; readonly result: string }[];
  readonly streamed: boolean;
}
