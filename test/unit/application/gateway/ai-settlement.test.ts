import { jest } from '@jest/globals';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';
import { micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';
import { ScriptedAiProvider } from '#test/support/fakes/scripted-ai-provider';
import { GatewayDesk } from '#test/support/gateway-desk';

const away = new Error('The database is away.');
const MINUTE_MS = 60_000;

async function given(cost = 30): Promise<{ desk: GatewayDesk; hold: CreditHold; entry: AiUsageLog }> {
  const desk = await GatewayDesk.open([aModelPrice()], [new ScriptedAiProvider('openai')]);
  const entry = anAiUsageLog(desk.userId, 'ai:1', { cost: micros(cost), held: micros(60) });
  const hold = await desk.ledger.hold(desk.userId, {
    requestId: 'ai:1',
    amount: micros(60),
    description: 'small (chat)',
    lifetimeMs: 10 * MINUTE_MS,
    metadata: { ai_usage_log_id: entry.id },
    durable: false,
  });
  return { desk, hold, entry };
}

const paid = async ({ credits, userId }: GatewayDesk) => credits.findTransaction(userId, 'hold:ai:1');

describe('AiSettlement', () => {
  it('charges the hold and writes the entry in one round trip', async () => {
    const { desk, hold, entry } = await given();
    const byTheRules = jest.spyOn(desk.ledger, 'settle');
    expect(await desk.settlement.execute(hold, entry)).toBe(true);
    expect(byTheRules).not.toHaveBeenCalled();
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([970n, 0n]);
    expect(await paid(desk)).toMatchObject({
      type: 'api_usage',
      amount: micros(-30),
      actor: 'system',
      metadata: { log_id: entry.id, trace_id: 'req-1', model: 'gpt-4o-mini', provider: 'openai' },
    });
  });

  it('opens the account when it is not so simple', async () => {
    const { desk, hold, entry } = await given(90);
    expect(await desk.settlement.execute(hold, entry)).toBe(true);
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([910n, 0n]);
  });

  it('writes the entry alone of what nothing was held for', async () => {
    const { desk } = await given();
    const entry = anAiUsageLog(desk.userId, 'ai:2');
    expect(await desk.settlement.execute(null, entry)).toBe(true);
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([1000n, 60n]);
  });

  it('charges work whose hold a crash of the database forgot', async () => {
    const { desk, hold, entry } = await given();
    await desk.transaction.run(async () => desk.transaction.table('credit_holds').delete(hold.id));
    const forgotten = { balance: micros(1000), held: micros(0), debt: micros(0), sequence: 1, alarmAt: null };
    const { userId } = desk;
    await desk.transaction.run(async () => {
      desk.transaction.table('credit_accounts').put(userId, { userId, ...forgotten });
      for (const row of desk.transaction.table<{ userId: string; grant: object }>('credit_grants').all()) {
        const grant: object = Object.assign(
          Object.create(Object.getPrototypeOf(row.grant) as object) as object,
          row.grant,
          {
            held: micros(0),
          },
        );
        desk.transaction.table('credit_grants').put((grant as { id: string }).id, { userId, grant });
      }
    });
    expect(await desk.settlement.execute(hold, entry)).toBe(true);
    expect(await desk.standing()).toEqual([970n, 0n]);
    expect(desk.holds).toMatchObject([{ id: hold.id, state: 'settled', settled: micros(30) }]);
    expect(desk.entry).toEqual(entry);
  });

  it('is tried again until it is written, once', async () => {
    const { desk, hold, entry } = await given();
    jest.spyOn(desk.logs, 'settleAtOnce').mockRejectedValueOnce(away).mockRejectedValueOnce(away);
    expect(await desk.settlement.execute(hold, entry)).toBe(false);
    await desk.running.idle();
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([970n, 0n]);
    expect(desk.pauses.waited).toEqual([250, 500]);
    const told = { error: away, fields: { user_id: desk.userId, ai_request_id: 'ai:1' } };
    expect(desk.log.lines).toMatchObject([told, told]);
  });

  it('charges and books once although the first time was written and only its answer was lost', async () => {
    const { desk, hold, entry } = await given();
    const settleAtOnce = desk.logs.settleAtOnce.bind(desk.logs);
    jest.spyOn(desk.logs, 'settleAtOnce').mockImplementationOnce(async (...settlement) => {
      await settleAtOnce(...settlement);
      throw away;
    });
    expect(await desk.settlement.execute(hold, entry)).toBe(false);
    await desk.running.idle();
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([970n, 0n]);
    expect(desk.budgets.spends).toHaveLength(1);
    expect(desk.log.lines).toHaveLength(1);
  });

  it('charges what was delivered although its hold ran out meanwhile', async () => {
    const { desk, hold, entry } = await given();
    const failing = jest.spyOn(desk.logs, 'settleAtOnce').mockRejectedValue(away);
    const wait = desk.pauses.wait.bind(desk.pauses);
    jest.spyOn(desk.pauses, 'wait').mockImplementation(async (ms) => {
      await wait(ms);
      if (desk.clock.now() > new Date(hold.expiresAt.getTime() + MINUTE_MS)) failing.mockRestore();
    });
    expect(await desk.settlement.execute(hold, entry)).toBe(false);
    await desk.running.idle();
    expect(desk.holds).toMatchObject([{ state: 'settled', settled: micros(30) }]);
    expect(desk.entry).toEqual(entry);
    expect(await desk.standing()).toEqual([970n, 0n]);
  });

  it('is given up after fifty minutes, loudly, and before the hold counts as lost', async () => {
    const { desk, hold, entry } = await given();
    jest.spyOn(desk.logs, 'settleAtOnce').mockRejectedValue(away);
    expect(await desk.settlement.execute(hold, entry)).toBe(false);
    await desk.running.idle();
    const waited = desk.pauses.waited.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(50 * MINUTE_MS);
    expect(waited).toBeLessThanOrEqual(51 * MINUTE_MS);
    expect(Math.max(...desk.pauses.waited)).toBe(30_000);
    expect(desk.log.lines.at(-1)).toMatchObject({
      level: 'error',
      message: 'an AI request was never charged',
      fields: { user_id: desk.userId, ai_request_id: 'ai:1', cost_micros: 30 },
    });
    expect(desk.logs.entries).toEqual([]);
  });
});

describe('an answer whose settlement fails', () => {
  it('is delivered without a cost, and charged later', async () => {
    const desk = await GatewayDesk.open([aModelPrice()], [new ScriptedAiProvider('openai')]);
    jest.spyOn(desk.logs, 'settleAtOnce').mockRejectedValueOnce(away);
    const sink = await desk.ask();
    expect(sink.lines).toEqual(['begin', 'write {}', 'end unknown']);
    expect(sink.head!.cost).toBeNull();
    await desk.running.idle();
    expect(desk.entry.cost).toEqual(micros(5));
    expect(await desk.standing()).toEqual([995n, 0n]);
  });
});
