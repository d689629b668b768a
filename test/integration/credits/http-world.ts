import { CreditLedger } from '#application/credits/credit-ledger';
import type { CreditCharge, IncomingCredit } from '#domain/credits/credit-account';
import { moneyOfCredits } from '#domain/credits/credit';
import { CreditVerification } from '#application/credits/credit-verification';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { openApiCheck } from '#test/support/openapi-check';
import { ManualClock } from '#test/support/fakes/manual-clock';

interface Asked {
  readonly as: TestUser;
  readonly body?: unknown;
  /** The address; the pattern unless given. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An entry of the ledger as it stands in the table. */
export type LedgerRow = readonly [type: string, amountMicros: number, debtMicros: number, balanceAfterMicros: number];

/** The application at an instant that a test decides. Every answer is compared with the documentation. */
export class CreditHttpWorld {
  private constructor(
    readonly app: TestApp,
    readonly clock: ManualClock,
    private readonly expectDocumented: (method: string, path: string, status: number, body: unknown) => void,
  ) {}

  static async start(): Promise<CreditHttpWorld> {
    const clock = new ManualClock();
    const app = await TestApp.start({ clock });
    const check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
    return new CreditHttpWorld(app, clock, (...answered) => check.expectDocumented(...answered));
  }

  get ledger(): CreditLedger {
    return this.app.container.get(CreditLedger);
  }

  async ask(method: string, pattern: string, { path = pattern, ...call }: Asked): Promise<Answered> {
    const answered = await this.app.call(method, path, call);
    this.expectDocumented(method, pattern, answered.status, answered.body);
    return answered;
  }

  async give(user: TestUser, credits: number, of: Partial<IncomingCredit> = {}): Promise<void> {
    await this.ledger.grant(user.id, {
      type: 'purchase',
      amount: moneyOfCredits(credits),
      category: 'paid',
      expiresAt: null,
      key: crypto.randomUUID(),
      description: 'Credit bought',
      metadata: { package: 'starter' },
      actor: 'system',
      ...of,
    });
  }

  async spend(user: TestUser, credits: number, of: Partial<CreditCharge> = {}): Promise<void> {
    await this.ledger.spend(user.id, {
      type: 'api_usage',
      amount: moneyOfCredits(credits),
      key: crypto.randomUUID(),
      description: 'Chat completion',
      metadata: {},
      actor: user.id,
      ...of,
    });
  }

  /** The ledger of a user, oldest first. */
  async entries(user: TestUser): Promise<readonly LedgerRow[]> {
    const rows = await this.app.rows<Record<'type' | 'amount' | 'debt' | 'balance', string>>(
      `select type, amount_micros as amount, debt_micros as debt, balance_after_micros as balance
         from credit_transactions where user_id = $1 order by sequence`,
      [user.id],
    );
    return rows.map(({ type, amount, debt, balance }) => [type, Number(amount), Number(debt), Number(balance)]);
  }

  /** What is wrong with anybody's book. */
  async findings(): Promise<readonly unknown[]> {
    const books = new SqlCreditReconciliation(this.app.container.get(TypeOrmTransaction));
    return (await new CreditVerification(books).execute(null)).findings;
  }
}
