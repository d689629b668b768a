import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { Logger, runOnce, type WorkerEvents } from 'graphile-worker';
import { JobHandler } from '#application/ports/job-handler';
import type { Tasks } from '#application/ports/job-queue';
import { SessionCreation } from '#application/sessions/session-creation';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';
import { TranscriptionStart } from '#application/sessions/transcription-start';
import { Clock } from '#application/ports/clock';
import { Transaction } from '#application/ports/transaction';
import { UsageVerification } from '#application/usage/usage-verification';
import type { SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { Duration } from '#domain/shared/duration';
import type { Answered, TestApp, TestUser } from '#test/support/app';

// Not how long anything takes, but how long a machine that is busy with other things may take for it.
jest.setTimeout(60_000);

export const MINUTE = 60;

/** One row of counters, as it stands in the ledger. */
export interface Counters {
  readonly sessions: number;
  readonly seconds: number;
  readonly transcriptions: number;
}

/** Sets up what a test is about, past the endpoints that it is not about, and reads the ledger behind the answers. */
export class Stage {
  constructor(readonly app: TestApp) {}

  /** `count` sessions that wait for their recording. */
  async sessions(user: TestUser, count: number): Promise<SessionId[]> {
    const creation = this.app.container.get(SessionCreation);
    const ids: SessionId[] = [];
    for (let n = 1; n <= count; n++) {
      const session = await creation.execute({
        userId: user.id,
        title: `Session ${n}`,
        language: 'auto',
        sttProvider: 'auto',
      });
      ids.push(session.id);
    }
    return ids;
  }

  /** `count` sessions with a confirmed recording of so many seconds, which nobody uploaded. */
  async pending(user: TestUser, count: number, seconds: number): Promise<SessionId[]> {
    const sessions = this.app.container.get(SessionRepository);
    const ids = await this.sessions(user, count);
    const now = this.app.container.get(Clock).now();
    const recording = {
      format: 'wav',
      contentType: 'audio/wav',
      bytes: 1000,
      duration: Duration.ofSeconds(seconds),
    } as const;
    await this.app.container.get(Transaction).run(async () => {
      for (const id of ids) {
        const session = await sessions.hold(id, user.id);
        const waiting = session.awaitUpload(`${user.id}/${id}/1.wav`, 'meeting.wav', now);
        await sessions.save(waiting.uploaded(recording, now));
      }
    });
    return ids;
  }

  /** One transcribed session of so many seconds, held and settled like any other. */
  async completed(user: TestUser, seconds: number): Promise<SessionId> {
    const [sessionId] = (await this.pending(user, 1, seconds)) as [SessionId];
    const { attempt } = await this.app.container
      .get(TranscriptionStart)
      .execute({ sessionId, userId: user.id, expects: 'original', sttProvider: null });
    await this.land(sessionId, attempt.attempt, seconds);
    return sessionId;
  }

  /** Lands a success, without a worker. */
  async land(sessionId: SessionId, attempt: number, seconds: number): Promise<void> {
    await this.app.container.get(TranscriptionCompletion).execute(sessionId, attempt, aReport(seconds));
  }

  async counters(user: TestUser): Promise<Counters[]> {
    return this.app.rows<Counters & Record<string, unknown>>(
      `select sessions, seconds::integer, transcriptions from period_usage where user_id = $1 order by period_start`,
      [user.id],
    );
  }

  async count(table: string, user: TestUser): Promise<number> {
    const [row] = await this.app.rows<{ count: number }>(`select count(*)::integer from ${table} where user_id = $1`, [
      user.id,
    ]);
    return row!.count;
  }

  async periodOf(user: TestUser): Promise<{ period_start: string; resets_at: string }> {
    const [row] = await this.app.rows<{ period_start: Date; period_end: Date }>(
      `select period_start, period_end from period_usage where user_id = $1 order by period_start desc limit 1`,
      [user.id],
    );
    return { period_start: row!.period_start.toISOString(), resets_at: row!.period_end.toISOString() };
  }

  /** Throws, naming every difference, unless the counters are what the evidence adds up to. */
  async mustBalance(user: TestUser): Promise<void> {
    const { checked, findings } = await this.app.container.get(UsageVerification).execute(user.id);
    expect(findings).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  }

  /**
   * Does the jobs that are due, and those that they leave behind, as a worker would. Answers how many failed: those are
   * due again later.
   */
  async work(): Promise<number> {
    const handlers = this.app.container.getAll(JobHandler);
    let failures = 0;
    const events = new EventEmitter() as WorkerEvents;
    events.on('job:error', () => failures++);
    await runOnce({
      connectionString: this.app.databaseUrl,
      taskList: Object.fromEntries(handlers.map((handler) => [handler.task, (payload) => handler.handle(payload)])),
      concurrency: 1,
      noHandleSignals: true,
      logger: new Logger(() => () => undefined),
      events,
    });
    return failures;
  }

  /** Delivers one job that nobody enqueued: again, or late. */
  async deliver(task: keyof Tasks, payload: unknown): Promise<void> {
    await this.app.container
      .getAll(JobHandler)
      .find((handler) => handler.task === task)!
      .handle(payload);
  }

  /** Opens as many connections as requests will want, so that none of them is late for the race. */
  async warm(connections: number): Promise<void> {
    await Promise.all(Array.from({ length: connections }, () => this.app.rows('select pg_sleep(0.1)')));
  }
}

export function aReport(seconds: number): FinalReport {
  const segment = { speaker: 'A', startMs: 0, endMs: 1000, text: 'Hello.', confidence: 0.9 };
  return {
    state: 'done',
    reportedSeconds: seconds,
    language: 'en-US',
    segments: [segment],
    metadata: { provider: 'sandbox' },
  };
}

/** Answers by what they say: `{'200': 1, '403 session_limit_exceeded': 63}`. */
export function tally(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? `${status}` : `${status} ${body?.detail?.error}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** What the refusals say, apart from the sentence for people and the name of the request; one of each kind. */
export function facts(answers: readonly Answered[]): unknown[] {
  const said = answers
    .filter(({ status }) => status >= 400)
    .map(({ body }) => {
      const { message, request_id: requestId, ...rest } = body.detail as Record<string, unknown>;
      expect([typeof message, typeof requestId]).toEqual(['string', 'string']);
      return JSON.stringify(rest);
    });
  return [...new Set(said)].map((text) => JSON.parse(text) as unknown);
}
