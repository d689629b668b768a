import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { CreditFinding } from '#application/credits/credit-reconciliation';
import { type CreditVerificationReport, CreditVerification } from '#application/credits/credit-verification';
import type { Clock } from '#application/ports/clock';
import type { UserId } from '#domain/accounts/user';
import type { CreditCharge, IncomingCredit } from '#domain/credits/credit-account';
import { Money } from '#domain/shared/money';
import { TypeOrmUserRepository } from '#infrastructure/accounts/typeorm-user-repository';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { SqlCreditReconciliation } from '#infrastructure/credits/sql-credit-reconciliation';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { createTestDatabase } from '#test/support/test-database';
import { aUser, newId } from '../../contracts/given.js';

export const micros = (amount: number | bigint): Money => Money.ofMicros(BigInt(amount));

/** The ledger of production over a database of its own. */
export class CreditWorld {
  readonly ledger: CreditLedger;
  private readonly transaction: TypeOrmTransaction;
  private readonly verification: CreditVerification;

  private constructor(
    private readonly database: DataSource,
    readonly databaseUrl: string,
    private readonly drop: () => Promise<void>,
    clock: Clock,
  ) {
    this.transaction = new TypeOrmTransaction(database);
    const accounts = new SqlCreditAccountRepository(this.transaction);
    this.ledger = new CreditLedger(accounts, this.transaction, clock, { next: newId });
    this.verification = new CreditVerification(new SqlCreditReconciliation(this.transaction));
  }

  static async start(clock: Clock, poolSize = 10): Promise<CreditWorld> {
    const { url, drop } = await createTestDatabase();
    return new CreditWorld(await dataSource({ url, poolSize }).initialize(), url, drop, clock);
  }

  async close(): Promise<void> {
    await this.database.destroy();
    await this.drop();
  }

  async user(): Promise<UserId> {
    const user = aUser();
    await this.transaction.run(() => new TypeOrmUserRepository(this.transaction).add(user));
    return user.id;
  }

  rows<Row = Record<string, unknown>>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.database.query<Row[]>(sql, [...values]);
  }

  verify(userId: UserId | null): Promise<CreditVerificationReport> {
    return this.verification.execute(userId);
  }

  async findings(userId: UserId | null): Promise<readonly CreditFinding[]> {
    return (await this.verify(userId)).findings;
  }

  /** What a superuser with a reason of his own can do: past every trigger and foreign key, in one transaction. */
  async tamper(...statements: readonly (readonly [sql: string, values: readonly unknown[]])[]): Promise<void> {
    const pool = (this.database.driver as unknown as { master: Pool }).master;
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('set local session_replication_role = replica');
      for (const [sql, values] of statements) {
        const { rowCount } = await client.query(sql, [...values]);
        if (rowCount !== 1) throw new Error(`${rowCount} rows were changed by: ${sql}`);
      }
      await client.query('commit');
    } finally {
      client.release();
    }
  }
}

export function incoming(amount: number, of: Partial<IncomingCredit> = {}): IncomingCredit {
  return {
    type: 'purchase',
    amount: micros(amount),
    category: 'paid',
    expiresAt: null,
    key: `in:${newId()}`,
    description: 'Credit bought',
    metadata: {},
    actor: 'system',
    ...of,
  };
}

export function charge(amount: number, key: string, actor = 'system'): CreditCharge {
  const details = { key, description: 'Chat completion', metadata: { model: 'claude' }, actor };
  return { type: 'api_usage', amount: micros(amount), ...details };
}
