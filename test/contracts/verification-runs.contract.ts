import type { Transaction } from '#application/ports/transaction';
import {
  type VerificationResult,
  type VerificationRunId,
  VerificationRunning,
  type VerificationRuns,
} from '#application/operations/verification-runs';
import { newId } from './given.js';

export interface VerificationWorld {
  readonly transaction: Transaction;
  /** Those of a world in which none was ever begun. */
  readonly runs: VerificationRuns;
}

const at = (minutes: number): Date => new Date(Date.UTC(2026, 2, 10, 12, minutes));
const lostAt = (minutes: number): Date => at(minutes - 15);
const PAGE = { limit: 10, offset: 0 };

const NOTHING_FOUND: VerificationResult = {
  findingsCount: 0,
  truncated: false,
  findings: [],
  checked: {
    counters: 3,
    credit_entries: 20,
    ai_requests: 300,
    budget_entries: 4000,
    credit_accounts: 1,
    budget_periods: 2,
  },
};

/** What every store of verifications keeps to. */
export function verificationRunsContract(makeWorld: () => Promise<VerificationWorld>): void {
  describe('Verification runs', () => {
    let world: VerificationWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });

    const run = <T>(work: () => Promise<T>): Promise<T> => world.transaction.run(work);
    const begin = async (minutes: number, requestedBy = 'system'): Promise<VerificationRunId> => {
      const id = newId<'VerificationRun'>();
      await run(() => world.runs.begin({ id, requestedBy, startedAt: at(minutes) }, lostAt(minutes)));
      return id;
    };
    const touch = (id: VerificationRunId, minutes: number) => run(() => world.runs.touch(id, at(minutes)));
    const finish = (id: VerificationRunId, minutes: number, result = NOTHING_FOUND) =>
      run(() => world.runs.finish(id, result, at(minutes)));
    const listed = async (minutes: number) => (await world.runs.list(PAGE, lostAt(minutes))).items;

    it('are none before the first', async () => {
      expect(await world.runs.list(PAGE, lostAt(0))).toEqual({ items: [], total: 0 });
      expect(await world.runs.latest()).toBeNull();
    });

    it('keep what was found, by whom it was asked for, and how much was checked', async () => {
      const id = await begin(0, 'cli:ada');
      const findings = [{ kind: 'balance_differs', user_id: null, id: 'x', stored: { balance: '1' }, recomputed: {} }];
      await finish(id, 1, { ...NOTHING_FOUND, findings, findingsCount: 1200, truncated: true });
      const kept = {
        id,
        requestedBy: 'cli:ada',
        startedAt: at(0),
        finishedAt: at(1),
        outcome: 'verified',
        error: null,
        findings,
        findingsCount: 1200,
        truncated: true,
        checked: NOTHING_FOUND.checked,
        entriesChecked: 4320,
      };
      expect(await listed(1)).toEqual([kept]);
      expect(await world.runs.latest()).toEqual(kept);
    });

    it('are one at a time: a second one is refused, and told since when the first runs', async () => {
      await begin(0);
      await expect(begin(14)).rejects.toMatchObject({
        code: 'verification_running',
        refusal: 'conflict',
        facts: { since: at(0).toISOString() },
      });
      expect(await listed(14)).toHaveLength(1);
    });

    it('begin anew once the one before is finished, or has failed', async () => {
      await finish(await begin(0), 1);
      const failed = await begin(2);
      await run(() => world.runs.fail(failed, 'no connection', at(3)));
      const last = await begin(4);
      expect((await listed(4)).map(({ id, outcome, error }) => [id, outcome, error])).toEqual([
        [last, null, null],
        [failed, 'failed', 'no connection'],
        [expect.any(String), 'verified', null],
      ]);
      expect((await world.runs.latest())?.id).toBe(failed);
    });

    it('are lost a quarter of an hour after the last sign of life, and then another may begin', async () => {
      const id = await begin(0);
      expect(await touch(id, 10)).toBe(true);
      await expect(begin(24)).rejects.toThrow(VerificationRunning);
      expect(await listed(25)).toMatchObject([{ outcome: 'lost', finishedAt: null }]);
      await begin(25);
      expect(await listed(25)).toMatchObject([{ outcome: null }, { id, outcome: 'lost', finishedAt: at(25) }]);
      expect(await touch(id, 26)).toBe(false);
    });

    it('that were taken for lost and came to their end all the same keep what they found', async () => {
      const id = await begin(0);
      await begin(20);
      await finish(id, 21);
      expect((await listed(21)).find((one) => one.id === id)).toMatchObject({
        outcome: 'verified',
        finishedAt: at(21),
      });
    });

    it('that are finished stay as they are', async () => {
      const id = await begin(0);
      await finish(id, 1);
      await run(() => world.runs.fail(id, 'too late', at(2)));
      expect(await touch(id, 3)).toBe(false);
      expect(await listed(3)).toMatchObject([{ outcome: 'verified', error: null, finishedAt: at(1) }]);
    });

    it('are listed by pages, the newest first', async () => {
      const ids: VerificationRunId[] = [];
      for (let minutes = 0; minutes < 3; minutes++) {
        ids.unshift(await begin(minutes));
        await finish(ids[0]!, minutes);
      }
      const { items, total } = await world.runs.list({ limit: 2, offset: 1 }, lostAt(3));
      expect([items.map(({ id }) => id), total]).toEqual([ids.slice(1), 3]);
    });
  });
}
