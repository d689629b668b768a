import { ClockShift } from '../billing/clock-shift.js';
import { PaymentReconciliationLog } from '../payments/payment-reconciliation-log.js';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { ModelNotPriced, RateCards } from '#domain/providers/rate-card';
import { Clock } from '../ports/clock.js';
import { Transcribers } from '../sessions/transcribers.js';
import { UseCase } from '../use-case.js';
import { type Finding, count, ok } from './finding.js';
import { PAYMENTS_PATIENCE_MS, paymentFindings, EVENTS_PATIENCE_MS } from './payment-findings.js';
import { ProviderFindings } from './provider-findings.js';
import { type QueueState, SystemState } from './system-state.js';
import { VERIFICATION_PATIENCE_MS, verificationFinding } from './verification-finding.js';
import { VerificationRuns } from './verification-runs.js';

/** A worker that was not heard of for so long is not alive: workers beat every five seconds. */
const WORKER_SILENCE_SECONDS = 20;

/** So long a due job may wait before the queue is called behind. */
const QUEUE_PATIENCE_MS = 60_000;

/** So long after its end an expired hold may stay open before the sweep is called asleep. */
const SWEEP_PATIENCE_MS = 15 * 60_000;

/** Looks over a running installation, from its plans to its workers. */
@UseCase()
export class GetDiagnosis {
  constructor(
    private readonly state: SystemState,
    private readonly plans: PlanCatalog,
    private readonly transcribers: Transcribers,
    private readonly prices: RateCards,
    private readonly reconciliations: PaymentReconciliationLog,
    private readonly providers: ProviderFindings,
    private readonly verifications: VerificationRuns,
    private readonly shift: ClockShift,
    private readonly clock: Clock,
  ) {}

  /** Every finding, the good ones too, in the order in which they are best read. */
  async execute(): Promise<readonly Finding[]> {
    return [
      await this.userPlans(),
      await this.transcriberPrices(),
      await this.uploads(),
      await this.workers(),
      ...(await this.queue()),
      await this.lostHolds(),
      ...(await this.payments()),
      ...(await this.providers.execute()),
      await this.verification(),
    ];
  }

  private async userPlans(): Promise<Finding> {
    const known = new Set<string>(this.plans.plans.map(({ name }) => name));
    const inUse = await this.state.plansInUse();
    const unknown = inUse.filter(({ plan }) => !known.has(plan));
    const users = inUse.reduce((sum, { users }) => sum + users, 0);
    if (unknown.length === 0) {
      return ok('plans', `Catalogue ${this.plans.version} has the plan of every user (${users}).`);
    }
    const named = unknown.map(({ plan, users }) => `"${plan}" (${count(users, 'user')})`).join(', ');
    return {
      check: 'plans',
      verdict: 'broken',
      summary: `Catalogue ${this.plans.version} does not have ${named}: everything they ask for is refused.`,
      next: 'Add the plan to the catalogue (MINUTEBOOK_PLANS), or move them with "minutebook user plan".',
    };
  }

  private async transcriberPrices(): Promise<Finding> {
    const unpriced: string[] = [];
    for (const { provider, model } of this.transcribers.all) {
      try {
        await this.prices.priceOf(provider, model, this.clock.now());
      } catch (error) {
        if (!(error instanceof ModelNotPriced)) throw error;
        unpriced.push(`${provider} ${model}`);
      }
    }
    if (unpriced.length === 0) {
      const names = this.transcribers.all.map(({ provider, model }) => `${provider} ${model}`).join(', ');
      return ok('prices', `Every configured transcriber has a price: ${names}.`);
    }
    return {
      check: 'prices',
      verdict: 'broken',
      summary: `No price for ${unpriced.join(', ')}: transcriptions there are refused.`,
      next: 'Add a dated rate card for it, or configure a model that has one.',
    };
  }

  private async uploads(): Promise<Finding> {
    const refusal = await this.state.uploadsRefusal();
    if (refusal === null) return ok('uploads', 'Recordings can be written.');
    return {
      check: 'uploads',
      verdict: 'unavailable',
      summary: `Recordings cannot be written: ${refusal}.`,
      next: 'Give the account of the server the right to write there, or choose another MINUTEBOOK_DATA_DIR.',
    };
  }

  private async workers(): Promise<Finding> {
    const alive = await this.state.countWorkersSeen(WORKER_SILENCE_SECONDS);
    if (alive > 0) return ok('workers', `Alive: ${count(alive, 'worker')}.`);
    return {
      check: 'workers',
      verdict: 'unavailable',
      summary: `No worker was seen within ${WORKER_SILENCE_SECONDS} s: transcriptions wait.`,
      next: 'Start the server with MINUTEBOOK_ROLE=all (the default) or MINUTEBOOK_ROLE=worker.',
    };
  }

  private async queue(): Promise<readonly Finding[]> {
    const state = await this.state.queue(this.clock.now());
    return [this.backlog(state), deadJobs(state)];
  }

  private backlog({ due, oldestDueAt }: QueueState): Finding {
    if (oldestDueAt === null || oldestDueAt >= this.before(QUEUE_PATIENCE_MS)) {
      return ok('queue', due === 0 ? 'No job waits.' : `Waiting, but not for long: ${count(due, 'job')}.`);
    }
    return {
      check: 'queue',
      verdict: 'warning',
      summary: `Waiting: ${count(due, 'job')}, the oldest since ${oldestDueAt.toISOString()}.`,
      next: 'Raise WORKER_CONCURRENCY, start one more worker, or look for a slow provider in the log.',
    };
  }

  private async lostHolds(): Promise<Finding> {
    const lost = await this.state.countExpiredHolds(this.before(SWEEP_PATIENCE_MS));
    if (lost === 0) return ok('holds', 'No expired hold is left open.');
    return {
      check: 'holds',
      verdict: 'broken',
      summary: `Ran out and still open: ${count(lost, 'hold')}. Nobody's minutes are taken by that, but the sessions wait for an end.`,
      next: 'A running worker lands them within minutes; if one runs, look for "a lost transcription could not be landed" in its log.',
    };
  }

  private async payments(): Promise<readonly Finding[]> {
    const stale = this.before(PAYMENTS_PATIENCE_MS);
    const state = await this.state.payments(this.before(EVENTS_PATIENCE_MS), stale);
    const schedule = await this.state.schedule('reconcile_payments');
    const isShifted = this.shift.offsetMs > 0;
    return paymentFindings(state, await this.reconciliations.latest(), { stale, schedule, isShifted });
  }

  private async verification(): Promise<Finding> {
    const schedule = await this.state.schedule('verify_books');
    const stale = this.shift.offsetMs > 0 ? null : this.before(VERIFICATION_PATIENCE_MS);
    return verificationFinding(await this.verifications.latest(), schedule, stale);
  }

  private before(ms: number): Date {
    return new Date(this.clock.now().getTime() - ms);
  }
}

function deadJobs({ dead }: QueueState): Finding {
  if (dead === 0) return ok('dead_jobs', 'No job was given up.');
  return {
    check: 'dead_jobs',
    verdict: 'broken',
    summary: `Given up, after failing as often as a job may: ${count(dead, 'job')}.`,
    next: 'Read last_error in graphile_worker.jobs where attempts = max_attempts; mend the cause, then reschedule or remove them.',
  };
}
