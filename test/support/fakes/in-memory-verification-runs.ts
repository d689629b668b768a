import {
  type VerificationResult,
  type VerificationRun,
  type VerificationRunId,
  VerificationRunning,
  type VerificationRuns,
} from '#application/operations/verification-runs';
import type { Page, PageOf } from '#domain/shared/page';

interface Kept extends VerificationRun {
  readonly seenAt: Date;
}

export class InMemoryVerificationRuns implements VerificationRuns {
  private kept: readonly Kept[] = [];

  async begin(
    { id, requestedBy, startedAt }: { id: VerificationRunId; requestedBy: string; startedAt: Date },
    lostSince: Date,
  ): Promise<void> {
    this.kept = this.kept.map((run) =>
      run.finishedAt === null && run.seenAt <= lostSince ? { ...run, outcome: 'lost', finishedAt: startedAt } : run,
    );
    const running = this.kept.find(({ finishedAt }) => finishedAt === null);
    if (running) throw new VerificationRunning(running.startedAt);
    const nothing = { findingsCount: 0, truncated: false, findings: [], checked: {}, entriesChecked: 0 };
    const begun = { id, requestedBy, startedAt, seenAt: startedAt, finishedAt: null, outcome: null, error: null };
    this.kept = [{ ...begun, ...nothing }, ...this.kept];
  }

  async touch(id: VerificationRunId, now: Date): Promise<boolean> {
    const isOpen = this.kept.some((run) => run.id === id && run.finishedAt === null);
    if (isOpen) this.change(id, { seenAt: now });
    return isOpen;
  }

  async finish(id: VerificationRunId, result: VerificationResult, now: Date): Promise<void> {
    const { credit_entries: credit = 0, ai_requests: ai = 0, budget_entries: spent = 0 } = result.checked;
    this.close(id, { ...result, outcome: 'verified', finishedAt: now, entriesChecked: credit + ai + spent });
  }

  async fail(id: VerificationRunId, error: string, now: Date): Promise<void> {
    this.close(id, { outcome: 'failed', error, finishedAt: now });
  }

  async list({ limit, offset }: Page, lostSince: Date): Promise<PageOf<VerificationRun>> {
    const shown = this.kept.map((run) =>
      run.finishedAt === null && run.seenAt <= lostSince ? { ...run, outcome: 'lost' as const } : run,
    );
    return {
      items: newestFirst(shown)
        .slice(offset, offset + limit)
        .map(runOf),
      total: shown.length,
    };
  }

  async latest(): Promise<VerificationRun | null> {
    const [latest] = newestFirst(this.kept.filter(({ finishedAt }) => finishedAt !== null));
    return latest ? runOf(latest) : null;
  }

  private close(id: VerificationRunId, changes: Partial<Kept>): void {
    const run = this.kept.find((one) => one.id === id);
    if (run && (run.outcome === null || run.outcome === 'lost')) this.change(id, changes);
  }

  private change(id: VerificationRunId, changes: Partial<Kept>): void {
    this.kept = this.kept.map((run) => (run.id === id ? { ...run, ...changes } : run));
  }
}

function newestFirst(runs: readonly Kept[]): readonly Kept[] {
  return runs.toSorted((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
}

function runOf(kept: Kept): VerificationRun {
  return Object.fromEntries(Object.entries(kept).filter(([name]) => name !== 'seenAt')) as unknown as VerificationRun;
}
