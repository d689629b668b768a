import { verificationRunsContract } from '#test/contracts/verification-runs.contract';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryVerificationRuns } from '#test/support/fakes/in-memory-verification-runs';

verificationRunsContract(async () => ({
  transaction: new InMemoryTransaction(true),
  runs: new InMemoryVerificationRuns(),
}));
