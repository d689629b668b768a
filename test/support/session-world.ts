import type { Transcriber } from '#application/sessions/transcriber';
import type { Transcribers } from '#application/sessions/transcribers';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';
import { type StartedTranscription, TranscriptionStart } from '#application/sessions/transcription-start';
import type { User, UserId } from '#domain/accounts/user';
import type { UserRepository } from '#domain/accounts/user-repository';
import type { PlanCatalog } from '#domain/plans/plan-catalog';
import type { RateCard, RateCards } from '#domain/providers/rate-card';
import type { Session, SessionId } from '#domain/sessions/session';
import type { SessionRepository } from '#domain/sessions/session-repository';
import type { TranscriptRepository } from '#domain/sessions/transcript-repository';
import type { Hold } from '#domain/usage/hold';
import type { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodUsage } from '#domain/usage/period-usage';
import type { TranscriptionType } from '#domain/usage/transcription-type';
import type { UsageLog } from '#domain/usage/usage-log';
import type { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { ConfiguredTranscribers } from '#infrastructure/providers/configured-transcribers';
import { aCatalogue } from './builders/plans.js';
import { aRateCard } from './builders/rate-cards.js';
import { aReport } from './builders/reports.js';
import { aUser } from './builders/users.js';
import { AMPLE_BUDGETS } from './builders/budgets.js';
import { InMemoryBudgetLedger } from './fakes/in-memory-budget-ledger.js';
import { InMemoryHoldRepository } from './fakes/in-memory-hold-repository.js';
import { InMemoryRateCards } from './fakes/in-memory-rate-cards.js';
import { InMemorySessionRepository } from './fakes/in-memory-session-repository.js';
import { InMemoryTranscriptRepository } from './fakes/in-memory-transcript-repository.js';
import { InMemoryTranscriptionAttemptRepository } from './fakes/in-memory-transcription-attempt-repository.js';
import { InMemoryTransaction } from './fakes/in-memory-transaction.js';
import { InMemoryUploadStorage } from './fakes/in-memory-upload-storage.js';
import { InMemoryUsageLogRepository } from './fakes/in-memory-usage-log-repository.js';
import { InMemoryUserRepository } from './fakes/in-memory-user-repository.js';
import { ManualClock } from './fakes/manual-clock.js';
import { RecordingJobQueue } from './fakes/recording-job-queue.js';
import { RecordingTelemetry } from './fakes/recording-telemetry.js';
import { ScriptedTranscriber } from './fakes/scripted-transcriber.js';
import { SequentialIds } from './fakes/sequential-ids.js';

/** Every port that the sessions' use cases have, so that a test can put another in the place of one. */
export interface SessionPorts {
  readonly users: UserRepository;
  readonly plans: PlanCatalog;
  readonly sessions: SessionRepository;
  readonly transcripts: TranscriptRepository;
  readonly holds: HoldRepository;
  readonly logs: UsageLogRepository;
  readonly rateCards: RateCards;
  readonly transcribers: Transcribers;
  readonly jobs: RecordingJobQueue;
}

/** The sessions' use cases over one store in memory, and shortcuts to where a story begins. */
export class SessionWorld implements SessionPorts {
  readonly clock = new ManualClock();
  readonly ids = new SequentialIds();
  readonly transaction = new InMemoryTransaction(true);
  readonly users = new InMemoryUserRepository(this.transaction);
  readonly sessions = new InMemorySessionRepository(this.transaction);
  readonly attempts = new InMemoryTranscriptionAttemptRepository(this.transaction);
  readonly transcripts = new InMemoryTranscriptRepository(this.transaction);
  readonly holds = new InMemoryHoldRepository(this.transaction);
  readonly logs = new InMemoryUsageLogRepository(this.transaction);
  readonly budgets = new InMemoryBudgetLedger(this.transaction, this.clock, AMPLE_BUDGETS, () => 'free');
  readonly jobs = new RecordingJobQueue(this.transaction);
  readonly uploads = new InMemoryUploadStorage();
  readonly telemetry = new RecordingTelemetry();
  readonly transcriber = new ScriptedTranscriber();
  readonly price: RateCard = aRateCard();
  readonly rateCards = new InMemoryRateCards(this.price);
  readonly transcribers: Transcribers;
  readonly plans: PlanCatalog;

  constructor({
    free = {},
    others = [],
  }: { readonly free?: Parameters<typeof aCatalogue>[0]; readonly others?: readonly Transcriber[] } = {}) {
    this.plans = aCatalogue(free);
    this.transcribers = new ConfiguredTranscribers([this.transcriber, ...others]);
  }

  starting(instead: Partial<SessionPorts> = {}): TranscriptionStart {
    const { users, plans, transcribers, rateCards, sessions, holds, logs, jobs } = { ...this.ports, ...instead };
    const { attempts, budgets, telemetry, transaction, clock, ids } = this;
    return new TranscriptionStart(
      ...([users, plans, transcribers, rateCards, sessions, attempts, holds, logs, budgets, jobs] as const),
      ...([telemetry, transaction, clock, ids] as const),
    );
  }

  completing(instead: Partial<SessionPorts> = {}): TranscriptionCompletion {
    const { users, plans, rateCards, sessions, transcripts, holds, logs, jobs } = { ...this.ports, ...instead };
    const { attempts, budgets, telemetry, transaction, clock, ids } = this;
    return new TranscriptionCompletion(
      ...([users, plans, rateCards, sessions, attempts, transcripts, holds, logs, budgets, jobs] as const),
      ...([telemetry, transaction, clock, ids] as const),
    );
  }

  async user(of: Partial<User> = {}): Promise<User> {
    const user = aUser(of);
    await this.transaction.run(() => this.users.add(user));
    return user;
  }

  /** Keeps a session as it is, whatever led there. */
  async given(session: Session): Promise<Session> {
    await this.transaction.run(async () => this.transaction.table<Session>('sessions').put(session.id, session));
    return session;
  }

  start(session: Session, expects: TranscriptionType = 'original'): Promise<StartedTranscription> {
    return this.starting().execute({ sessionId: session.id, userId: session.userId, expects, sttProvider: null });
  }

  land(session: Session, attempt: number, report: FinalReport = aReport()): Promise<'landed' | 'duplicate'> {
    return this.completing().execute(session.id, attempt, report);
  }

  /** As it is kept now, deleted or not. */
  now({ id, userId }: { readonly id: SessionId; readonly userId: UserId }): Promise<Session> {
    return this.sessions.getEvenDeleted(id, userId);
  }

  logsOf({ id, userId }: Session): Promise<readonly UsageLog[]> {
    return this.logs.listOfSession(id, userId);
  }

  get allHolds(): readonly Hold[] {
    return this.transaction.table<Hold>('holds').all();
  }

  async usageOf({ id }: Pick<User, 'id'>): Promise<PeriodUsage> {
    const user = await this.users.get(id);
    return this.holds.usageIn(user.billingPeriodAt(this.clock.now()), id, this.clock.now());
  }

  private get ports(): SessionPorts {
    const { users, plans, sessions, transcripts, holds, logs, rateCards, transcribers, jobs } = this;
    return { users, plans, sessions, transcripts, holds, logs, rateCards, transcribers, jobs };
  }
}
