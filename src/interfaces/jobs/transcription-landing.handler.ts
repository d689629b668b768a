import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';
import { attemptOf } from './attempt-payload.js';

/** Lands a result that a provider delivered by itself, perhaps for the second time. */
@injectable()
export class TranscriptionLandingHandler implements JobHandler {
  readonly task = 'land_transcription';
  readonly schedule = null;

  constructor(private readonly completion: TranscriptionCompletion) {}

  async handle(payload: unknown): Promise<void> {
    const { sessionId, attempt } = attemptOf(payload);
    await this.completion.execute(sessionId, attempt, reportIn(payload));
  }
}

function reportIn(payload: unknown): FinalReport {
  const { report } = payload as { readonly report?: FinalReport };
  if (report?.state !== 'done' && report?.state !== 'failed') throw new Error('A job to land a result has none.');
  return report;
}
