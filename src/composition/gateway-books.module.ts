import { ContainerModule } from 'inversify';
import { AiUsageEvidence } from '#application/gateway/ai-usage-evidence';
import { AiUsageVerification } from '#application/gateway/ai-usage-verification';
import { SqlAiUsageEvidence } from '#infrastructure/gateway/sql-ai-usage-evidence';

/** What only the command line asks. */
export const gatewayBooks = new ContainerModule(({ bind }) => {
  bind(AiUsageEvidence).to(SqlAiUsageEvidence);
  bind(AiUsageVerification).toSelf();
});
