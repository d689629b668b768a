import { GetUsageExplanation, PeriodNotFound } from '#application/usage/get-usage-explanation';
import type { CreationLine, EvidenceSum, LogLine, UsageEvidence } from '#application/usage/usage-evidence';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { ScriptedUsageReport } from '#test/support/fakes/scripted-usage-report';
import { PeriodWorld } from '#test/support/period-world';
import { refusalOf } from '#test/support/refusals';

const SUM: EvidenceSum = { entries: 3, recomputed: 180n, counter: 180n };
const PAGE = { limit: 20, offset: 0 };

/** Remembers what it was asked for. */
class AskedEvidence implements UsageEvidence {
  readonly asked: string[] = [];

  async sumOf(metric: string, { start }: BillingPeriod): Promise<EvidenceSum> {
    this.asked.push(`sum of ${metric} from ${start?.toISOString() ?? 'open'}`);
    return SUM;
  }

  async lines(metric: string): Promise<readonly LogLine[]> {
    this.asked.push(`lines of ${metric}`);
    return [];
  }

  async creations(): Promise<readonly CreationLine[]> {
    this.asked.push('creations');
    return [];
  }

  async linesBetween(): Promise<readonly LogLine[]> {
    return [];
  }
}

let world: PeriodWorld;
let evidence: AskedEvidence;
let report: ScriptedUsageReport;
let question: GetUsageExplanation;
beforeEach(() => {
  world = new PeriodWorld();
  evidence = new AskedEvidence();
  report = new ScriptedUsageReport();
  question = new GetUsageExplanation(world.users, report, evidence, world.clock);
});

describe('the explanation of a number', () => {
  it('is made of log entries, for the current period unless told otherwise', async () => {
    const { id: userId } = await world.user();
    const explained = await question.execute({ userId, metric: 'minutes', periodStart: 'current', page: PAGE });
    expect([explained.sum, explained.evidence]).toEqual([SUM, { kind: 'log', lines: [] }]);
    expect(evidence.asked).toEqual(['sum of minutes from 2026-03-15T09:30:00.000Z', 'lines of minutes']);
  });

  it('of sessions is made of their creations', async () => {
    const { id: userId } = await world.user();
    const explained = await question.execute({ userId, metric: 'sessions', periodStart: 'current', page: PAGE });
    expect(explained.evidence).toEqual({ kind: 'creations', lines: [] });
    expect(evidence.asked[1]).toBe('creations');
  });

  it('can be had for any period that the user has been in', async () => {
    const { id: userId } = await world.user();
    const periodStart = new Date('2026-02-15T09:30:00.000Z');
    const { period } = await question.execute({ userId, metric: 'cost', periodStart, page: PAGE });
    expect([period.start, period.end]).toEqual([periodStart, new Date('2026-03-15T09:30:00.000Z')]);
  });

  it.each([
    ['no period begins then', new Date('2026-02-15T09:30:00.001Z'), '2026-02-15T09:30:00.001Z'],
    ['it was before registration', new Date('2025-12-15T09:30:00.000Z'), '2025-12-15T09:30:00.000Z'],
    ['the user was never in the open period', 'open' as const, 'open'],
  ])('is refused when %s', async (_case, periodStart, named) => {
    const { id: userId } = await world.user();
    const refusal = await refusalOf(question.execute({ userId, metric: 'cost', periodStart, page: PAGE }));
    expect(refusal).toBeInstanceOf(PeriodNotFound);
    expect([refusal.refusal, refusal.facts]).toEqual(['not_found', { period_start: named }]);
  });

  it('of the open period can be had by its name', async () => {
    const { id: userId } = await world.user({ currentMonthStart: null, periodAnchor: null });
    await question.execute({ userId, metric: 'minutes', periodStart: 'open', page: PAGE });
    expect(evidence.asked[0]).toBe('sum of minutes from open');
  });
});
