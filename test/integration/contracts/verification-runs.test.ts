import type { DataSource } from 'typeorm';
import { VerificationRunning } from '#application/operations/verification-runs';
import { SqlVerificationRuns } from '#infrastructure/operations/sql-verification-runs';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { newId } from '#test/contracts/given';
import { verificationRunsContract } from '#test/contracts/verification-runs.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let transaction: TypeOrmTransaction;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 8 }).initialize();
  transaction = new TypeOrmTransaction(database);
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

const freshRuns = async (): Promise<SqlVerificationRuns> => {
  await database.query('truncate verification_runs');
  return new SqlVerificationRuns(transaction);
};

verificationRunsContract(async () => ({ transaction, runs: await freshRuns() }));

describe('Verification runs that many begin at once', () => {
  it('are one, and everybody else is told so', async () => {
    const runs = await freshRuns();
    const startedAt = new Date('2026-03-10T12:00:00.000Z');
    const begun = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        transaction.run(() =>
          runs.begin({ id: newId<'VerificationRun'>(), requestedBy: 'system', startedAt }, new Date(0)),
        ),
      ),
    );
    const refused = begun.filter((one) => one.status === 'rejected').map(({ reason }) => reason as unknown);
    expect(refused).toHaveLength(7);
    for (const reason of refused) expect(reason).toBeInstanceOf(VerificationRunning);
    expect((await runs.list({ limit: 10, offset: 0 }, new Date(0))).total).toBe(1);
  });
});
