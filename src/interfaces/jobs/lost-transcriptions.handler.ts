import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { ListLostTranscriptions } from '#application/sessions/list-lost-transcriptions';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';

const TIMED_OUT: FinalReport = { state: 'failed', reason: 'timed_out', metadata: {} };

/** Lands lost transcriptions as failed, so that their owners can start them again for free. */
@injectable()
export class LostTranscriptionsHandler implements JobHandler {
  readonly task = 'land_lost_transcriptions';
  readonly schedule = { cron: '* * * * *', catchUp: false };

  constructor(
    private readonly lost: ListLostTranscriptions,
    private readonly completion: TranscriptionCompletion,
    private readonly log: Log,
  ) {}

  /** One that cannot be landed does not keep the others from it. */
  async handle(): Promise<void> {
    const all = await this.lost.execute();
    let failures = 0;
    for (const { sessionId, attempt } of all) {
      try {
        await this.completion.execute(sessionId, attempt, TIMED_OUT);
      } catch (error) {
        failures++;
        this.log.error(error, { session_id: sessionId, attempt }, 'a lost transcription could not be landed');
      }
    }
    if (failures > 0) throw new Error(`${failures} of ${all.length} lost transcriptions could not be landed.`);
  }
}
