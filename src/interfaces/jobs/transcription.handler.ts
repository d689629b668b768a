import { setTimeout as sleep } from 'node:timers/promises';
import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { Outages } from '#application/ports/outages';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';
import { TranscriptionDispatch } from '#application/sessions/transcription-dispatch';
import type { SessionId } from '#domain/sessions/session';
import { attemptOf } from './attempt-payload.js';

/**
 * Hands an attempt to its provider and lands what comes back. A result that was paid for is not let go because the
 * database is away for a moment: the next delivery would have to pay for it again.
 */
@injectable()
export class TranscriptionHandler implements JobHandler {
  readonly task = 'transcribe';
  readonly schedule = null;
  /** Between tries to land a result: a minute in all, in which a database is restarted or fails over. */
  protected readonly pausesMs: readonly number[] = [500, 1000, 2000, 4000, 8000, 16_000, 30_000];

  constructor(
    private readonly dispatch: TranscriptionDispatch,
    private readonly completion: TranscriptionCompletion,
    private readonly outages: Outages,
    private readonly log: Log,
  ) {}

  async handle(payload: unknown): Promise<void> {
    const { sessionId, attempt } = attemptOf(payload);
    const report = await this.dispatch.execute(sessionId, attempt);
    if (report) await this.land(sessionId, attempt, report);
  }

  private async land(sessionId: SessionId, attempt: number, report: FinalReport): Promise<void> {
    for (const pause of this.pausesMs) {
      try {
        await this.completion.execute(sessionId, attempt, report);
        return;
      } catch (error) {
        if (!this.outages.recognise(error)) throw error;
        this.log.warn({ session_id: sessionId, attempt, pause_ms: pause }, 'a result waits for the database');
        await sleep(pause);
      }
    }
    await this.completion.execute(sessionId, attempt, report);
  }
}
