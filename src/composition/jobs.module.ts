import { ContainerModule } from 'inversify';
import { JobHandler } from '#application/ports/job-handler';
import { GraphileWorker } from '#infrastructure/jobs/graphile-worker';
import { CreditExpiryHandler } from '#interfaces/jobs/credit-expiry.handler';
import { LostAiRequestsHandler } from '#interfaces/jobs/lost-ai-requests.handler';
import { LostTranscriptionsHandler } from '#interfaces/jobs/lost-transcriptions.handler';
import { PaymentEventHandler } from '#interfaces/jobs/payment-event.handler';
import { PaymentReconciliationHandler } from '#interfaces/jobs/payment-reconciliation.handler';
import { RecordingRemovalHandler } from '#interfaces/jobs/recording-removal.handler';
import { RetentionHandler } from '#interfaces/jobs/retention.handler';
import { TranscriptionHandler } from '#interfaces/jobs/transcription.handler';
import { TranscriptionLandingHandler } from '#interfaces/jobs/transcription-landing.handler';

/** What the worker does. A process that serves requests alone never asks for it. */
export const jobs = new ContainerModule(({ bind }) => {
  bind(JobHandler).to(TranscriptionHandler);
  bind(JobHandler).to(TranscriptionLandingHandler);
  bind(JobHandler).to(RecordingRemovalHandler);
  bind(JobHandler).to(LostTranscriptionsHandler);
  bind(JobHandler).to(RetentionHandler);
  bind(JobHandler).to(PaymentEventHandler);
  bind(JobHandler).to(PaymentReconciliationHandler);
  bind(JobHandler).to(CreditExpiryHandler);
  bind(JobHandler).to(LostAiRequestsHandler);
  bind(GraphileWorker).toSelf().inSingletonScope();
});
