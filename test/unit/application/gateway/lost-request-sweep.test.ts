import { jest } from '@jest/globals';
import { LostRequestSweep } from '#application/gateway/lost-request-sweep';
import { micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';
import { type Script, ScriptedAiProvider } from '#test/support/fakes/scripted-ai-provider';
import { anAsk, GatewayDesk } from '#test/support/gateway-desk';
import { Signal } from '#test/support/signal';

const HOUR_S = 3600;
const PRICE = aModelPrice();

/** A process that died in mid-request: its provider has been asked, and nothing of it goes on. */
async function died() {
  jest.useFakeTimers();
  const openai = new ScriptedAiProvider('openai');
  const asked = new Signal();
  const never: Script = () => {
    asked.give();
    return new Promise(() => undefined);
  };
  openai.answers = [never];
  const desk = await GatewayDesk.open([PRICE], [openai], { markup: 100 });
  void desk.ask(anAsk({ stream: true, traceId: 'req-lost' }));
  await asked.given;
  return { desk, sweep: new LostRequestSweep(desk.logs, desk.transaction, desk.clock) };
}

/** The hold runs out, and what looks after accounts closes it. */
async function runOut(desk: GatewayDesk): Promise<void> {
  desk.clock.set(desk.holds[0]!.expiresAt);
  await desk.ledger.tidy(desk.userId);
}

describe('LostRequestSweep', () => {
  afterEach(() => void jest.useRealTimers());

  it('writes the entry of a request whose process died, and charges nothing', async () => {
    const { desk, sweep } = await died();
    await runOut(desk);
    desk.clock.advance(HOUR_S + 1);
    expect(await sweep.execute()).toBe(1);
    const [hold] = desk.holds;
    expect(desk.entry).toMatchObject({
      id: hold!.metadata['ai_usage_log_id'],
      userId: desk.userId,
      requestId: hold!.requestId,
      traceId: 'req-lost',
      endpoint: '/v1/chat/completions',
      modality: 'chat',
      streamed: true,
      requestedModel: 'small',
      provider: null,
      outcome: 'lost',
      attempts: [],
      held: micros(46),
      cost: micros(0),
      priceId: PRICE.id,
      servedPriceId: null,
      markup: 100,
      startedAt: hold!.placedAt,
      totalMs: hold!.closedAt!.getTime() - hold!.placedAt.getTime(),
    });
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });

  it('waits for an hour after the hold ran out, in which a process that lives settles', async () => {
    const { desk, sweep } = await died();
    desk.clock.advance(HOUR_S * 2);
    expect(await sweep.execute()).toBe(0);
    await runOut(desk);
    desk.clock.advance(HOUR_S);
    expect(await sweep.execute()).toBe(0);
    desk.clock.advance(1);
    expect(await sweep.execute()).toBe(1);
  });

  it('writes each entry once', async () => {
    const { desk, sweep } = await died();
    await runOut(desk);
    desk.clock.advance(HOUR_S + 1);
    expect(await Promise.all([sweep.execute(), sweep.execute()])).toEqual([1, 0]);
    expect(await sweep.execute()).toBe(0);
  });

  it('leaves what was settled, and holds of other work', async () => {
    const desk = await GatewayDesk.open([PRICE], [new ScriptedAiProvider('openai')]);
    const sweep = new LostRequestSweep(desk.logs, desk.transaction, desk.clock);
    await desk.ask();
    const wanted = { requestId: 'other', amount: micros(5), description: 'Other work', lifetimeMs: 1000 };
    await desk.ledger.hold(desk.userId, { ...wanted, metadata: {}, durable: true });
    desk.clock.advance(HOUR_S);
    await desk.ledger.tidy(desk.userId);
    desk.clock.advance(HOUR_S + 1);
    expect(desk.holds.map(({ state }) => state)).toEqual(['settled', 'expired']);
    expect(await sweep.execute()).toBe(0);
  });
});
