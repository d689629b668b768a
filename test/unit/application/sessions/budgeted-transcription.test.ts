import { Budget, type BudgetMode, budgetOf } from '#domain/budgets/budget';
import { transcriptionRequestId } from '#domain/budgets/provider-spend';
import type { User } from '#domain/accounts/user';
import { micros } from '#test/support/builders/credits';
import { aRateCard } from '#test/support/builders/rate-cards';
import { aFailure } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { ScriptedTranscriber } from '#test/support/fakes/scripted-transcriber';
import { SessionWorld } from '#test/support/session-world';

/** A minute costs 6 000 micro-dollars with our first choice, and 1 000 with the other. */
async function aWorld(limit: number, mode: BudgetMode = 'block') {
  const cheap = new ScriptedTranscriber('cheap', 'small-ears');
  const world = new SessionWorld({ free: { concurrentTranscriptions: 9 }, others: [cheap] });
  world.rateCards.add(aRateCard({ provider: 'cheap', model: 'small-ears', microsPerMinute: 1000n }));
  const user = await world.user();
  const id = budgetOf(user.id);
  const { schedule, thresholds, permissions } = Budget.unconfigured(id);
  const budget = new Budget(id, micros(limit), schedule, thresholds, mode, permissions, null, null);
  await world.transaction.run(async () => world.transaction.table<Budget>('budgets').put(id, budget));
  const spend = () => world.budgets.statusOf(id, world.clock.now()).spend;
  return { world, user, spend };
}

const aMinute = (world: SessionWorld, user: User, of: { readonly sttProvider?: string } = {}) =>
  world.given(aRecordedSession(user.id, { seconds: 60, sttProvider: 'auto', ...of }));

describe('a transcription and the budgets', () => {
  it('holds what it will cost us, and books it when it lands', async () => {
    const { world, user, spend } = await aWorld(100_000);
    const session = await aMinute(world, user);
    await world.start(session);
    expect(world.budgets.holds).toMatchObject([
      { requestId: transcriptionRequestId(session.id, 1), cost: micros(6000), at: world.clock.now() },
    ]);
    expect(spend().held).toEqual(micros(6000));
    await world.land(session, 1);
    const [log] = await world.logsOf(session);
    expect(spend()).toMatchObject({ used: micros(Number(log!.providerCostMicros)), held: micros(0) });
    expect(world.budgets.spends).toMatchObject([{ service: 'stt', provider: 'sandbox' }]);
  });

  it('books nothing for one that failed, and holds nothing any more', async () => {
    const { world, user, spend } = await aWorld(100_000);
    const session = await aMinute(world, user);
    await world.start(session);
    await world.land(session, 1, aFailure());
    expect(spend()).toEqual({ used: micros(0), estimated: micros(0), held: micros(0) });
  });

  it('is refused as a whole when it does not fit: no minutes are held, and no job waits', async () => {
    const { world, user } = await aWorld(6599);
    const session = await aMinute(world, user);
    await expect(world.start(session)).rejects.toMatchObject({
      code: 'budget_exceeded',
      facts: { required_micros: 6000, required_with_buffer_micros: 6600 },
    });
    expect(world.allHolds).toEqual([]);
    expect(world.jobs.jobs).toEqual([]);
    expect((await world.now(session)).status).toBe('pending');
  });

  it('goes to the cheapest provider, where the budget falls back and the choice is ours', async () => {
    const { world, user } = await aWorld(6599, 'fallback');
    const { attempt } = await world.start(await aMinute(world, user));
    expect(attempt).toMatchObject({ provider: 'cheap', model: 'small-ears' });
    expect(world.budgets.holds).toMatchObject([{ cost: micros(1000) }]);
  });

  it('never goes to another provider than the one that was named', async () => {
    const { world, user } = await aWorld(6599, 'fallback');
    const session = await aMinute(world, user, { sttProvider: 'sandbox' });
    await expect(world.start(session)).rejects.toMatchObject({ code: 'budget_exceeded' });
  });
});
