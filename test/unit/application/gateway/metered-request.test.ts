import { jest } from '@jest/globals';
import { ClientGone, TookTooLong } from '#application/gateway/ai-ask';
import { ProviderFault, ProviderRefusal, type ProviderRequest } from '#application/gateway/ai-provider';
import { ModelUnpriced } from '#domain/providers/model-catalog';
import { aModelPrice } from '#test/support/builders/model-prices';
import { micros } from '#test/support/builders/credits';
import { RecordingAnswerSink } from '#test/support/fakes/recording-answer-sink';
import { aPlainAnswer, ScriptedAiProvider } from '#test/support/fakes/scripted-ai-provider';
import { anAsk, aServedDesk, GatewayDesk, usedTokens } from '#test/support/gateway-desk';
import { Signal } from '#test/support/signal';

const PRICE = aModelPrice();
const down = new ProviderFault('server_error', 'Down.', 500, null);
const untilAborted = ({ signal }: ProviderRequest): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

afterEach(() => void jest.useRealTimers());

describe('a request that is answered whole', () => {
  it('is priced, held for, sent, settled and answered, in this order', async () => {
    const { desk, openai } = await aServedDesk();
    const sink = new RecordingAnswerSink();
    const deeds = {
      price: jest.spyOn(desk.catalog, 'offer'),
      hold: jest.spyOn(desk.ledger, 'hold'),
      dispatch: jest.spyOn(openai, 'send'),
      settle: jest.spyOn(desk.settlement, 'execute'),
      answer: jest.spyOn(sink, 'begin'),
    };
    await desk.ask(anAsk(), undefined, sink);
    const order = Object.entries(deeds).map(([name, { mock }]) => [name, mock.invocationCallOrder] as const);
    expect(order.every(([, calls]) => calls.length === 1)).toBe(true);
    expect([...order].sort(([, one], [, other]) => one[0]! - other[0]!)).toEqual(order);
  });

  it('costs what it used, is logged once, and nothing stays held', async () => {
    const { desk, price } = await aServedDesk();
    const sink = await desk.ask();
    expect(sink.lines).toEqual(['begin', 'write {}', 'end 36']);
    expect(sink.head).toMatchObject({ provider: 'openai', held: micros(45), cost: micros(36), priceId: price.id });
    expect(await desk.standing()).toEqual([964n, 0n]);
    expect(desk.entry).toMatchObject({ outcome: 'completed', held: micros(45), cost: micros(36), traceId: 'req-1' });
    expect(desk.holds).toMatchObject([
      { state: 'settled', settled: micros(36), metadata: { ai_usage_log_id: desk.entry.id, price_id: price.id } },
    ]);
    expect(desk.telemetry.counted).toEqual([
      'aiHoldsOpen 1',
      'aiHoldsOpen -1',
      'aiRequestEnded openai small completed 36',
    ]);
    expect(desk.latencies.of('openai')).toMatchObject({ requests: 1 });
  });

  it('is held for without waiting for the disk, for as long as it may run and a while longer', async () => {
    const { desk } = await aServedDesk({ longestMs: 60_000 });
    const hold = jest.spyOn(desk.ledger, 'hold');
    await desk.ask();
    expect(hold.mock.calls[0]![1]).toMatchObject({ durable: false, lifetimeMs: 60_000 + 5 * 60_000 });
  });

  it('costs the markup more', async () => {
    const { desk } = await aServedDesk({ markup: 2_500 });
    const sink = await desk.ask();
    expect(sink.head).toMatchObject({ held: micros(57), cost: micros(45) });
    expect(desk.entry).toMatchObject({ cost: micros(45), providerCost: micros(36), markup: 2_500 });
    expect(await desk.standing()).toEqual([955n, 0n]);
  });

  it('runs without a hold when all its rates are zero, and is logged', async () => {
    const openai = new ScriptedAiProvider('openai');
    const free = aModelPrice({ rates: { input_token: 0n, output_token: 0n } });
    const desk = await GatewayDesk.open([free], [openai]);
    expect((await desk.ask()).lines).toEqual(['begin', 'write {}', 'end 0']);
    expect(desk.holds).toEqual([]);
    expect(desk.entry).toMatchObject({ outcome: 'completed', held: micros(0), cost: micros(0) });
    expect(desk.telemetry.counted).toEqual(['aiRequestEnded openai small completed 0']);
  });

  it('that is free can be asked again under its key, and is logged each time', async () => {
    const free = aModelPrice({ rates: { input_token: 0n, output_token: 0n } });
    const desk = await GatewayDesk.open([free], [new ScriptedAiProvider('openai')]);
    for (let time = 0; time < 2; time++) await desk.ask(anAsk({ idempotencyKey: 'k' }));
    await desk.running.idle();
    expect(desk.logs.entries).toHaveLength(2);
    expect(desk.log.lines).toEqual([]);
  });

  it('is charged as reserved for what is reported in units without a price', async () => {
    const whisper = aModelPrice({ model: 'whisper-1', modality: 'transcription', rates: { audio_second: 1_000_000n } });
    const openai = new ScriptedAiProvider('openai');
    const quantities = { audio_token: 900, output_token: 80 };
    openai.answers = [aPlainAnswer({ usage: { quantities, source: 'provider', image: null } })];
    const desk = await GatewayDesk.open([whisper], [openai]);
    await desk.ask(anAsk({ task: 'transcription', demand: { audioSeconds: 90, inputTokens: 0, outputTokens: null } }));
    const usage = { quantities: { audio_second: 90 }, source: 'estimate', image: null };
    expect(desk.entry).toMatchObject({ held: micros(90), cost: micros(90), usage });
  });

  it('costs all that it used, even more than was held', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [usedTokens(400, 100)];
    expect((await desk.ask()).lines.at(-1)).toBe('end 120');
    expect(await desk.standing()).toEqual([880n, 0n]);
  });

  it('is waited for and charged in full when its caller left, as it was ordered', async () => {
    const { desk, openai } = await aServedDesk();
    const gone = new AbortController();
    openai.answers = [
      async () => {
        gone.abort(new ClientGone());
        return usedTokens(80, 40);
      },
    ];
    await desk.ask(anAsk(), gone.signal);
    expect(desk.entry).toMatchObject({ outcome: 'completed', cost: micros(36) });
  });

  it('is given up when its caller left and it does not come', async () => {
    jest.useFakeTimers();
    const { desk, openai } = await aServedDesk({ drainMs: 5_000 });
    const gone = new AbortController();
    openai.answers = [
      (request) => {
        const given = untilAborted(request);
        gone.abort(new ClientGone());
        jest.advanceTimersByTime(4_999);
        expect(request.signal.aborted).toBe(false);
        jest.advanceTimersByTime(1);
        return given;
      },
    ];
    await expect(desk.ask(anAsk(), gone.signal)).rejects.toBeInstanceOf(ClientGone);
    expect(desk.entry).toMatchObject({ outcome: 'client_gone', cost: micros(0), attempts: [{ result: 'aborted' }] });
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });

  it('is not sent when its caller left while the hold was written', async () => {
    const { desk, openai } = await aServedDesk();
    const gone = new AbortController();
    const hold = desk.ledger.hold.bind(desk.ledger);
    jest.spyOn(desk.ledger, 'hold').mockImplementation((...about) => {
      gone.abort(new ClientGone());
      return hold(...about);
    });
    await expect(desk.ask(anAsk(), gone.signal)).rejects.toBeInstanceOf(ClientGone);
    expect(openai.requests).toEqual([]);
    expect(desk.entry).toMatchObject({ outcome: 'client_gone', cost: micros(0), attempts: [] });
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });

  it('that would not end is ended, and costs nothing', async () => {
    jest.useFakeTimers();
    const { desk, openai } = await aServedDesk({ longestMs: 5_000 });
    openai.answers = [
      (request) => {
        const given = untilAborted(request);
        jest.advanceTimersByTime(5_000);
        return given;
      },
    ];
    await expect(desk.ask()).rejects.toBeInstanceOf(TookTooLong);
    expect(desk.entry).toMatchObject({ outcome: 'timed_out', cost: micros(0), provider: null });
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });

  it.each([
    ['refused', new ProviderRefusal(400, 'Too long.', 'context_length_exceeded', 'messages'), 'Too long.'],
    ['failed', down, 'Every provider that was asked failed'],
    ['failed', new TypeError('a fault of ours'), 'a fault of ours'],
  ])('that is %s costs nothing and says so in its entry', async (outcome, answer, message) => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [answer];
    const sink = new RecordingAnswerSink();
    await expect(desk.ask(anAsk(), undefined, sink)).rejects.toThrow(message);
    expect(sink.lines).toEqual([]);
    expect(desk.entry).toMatchObject({ outcome, cost: micros(0), provider: null, servedPriceId: null });
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });
});

describe('a request that is refused before its hold', () => {
  const image = aModelPrice({ modality: 'image', rates: { 'image/1024x1024': 40_000_000_000n } });

  it.each<[string, (desk: GatewayDesk) => void, Parameters<typeof anAsk>[0]]>([
    ['model_not_found', () => undefined, { model: 'unknown' }],
    [
      'model_not_priced',
      ({ catalog }) => void jest.spyOn(catalog, 'offer').mockRejectedValue(new ModelUnpriced('small')),
      {},
    ],
    ['model_for_another_task', () => undefined, { task: 'image', demand: { images: 1 } }],
    [
      'model_not_priced',
      ({ catalog }) => void (catalog.offers = [{ model: 'small', targets: [image] }]),
      { task: 'image', demand: { images: 1, image: { quality: null, size: '1x1' } } },
    ],
    [
      'provider_not_configured',
      ({ catalog }) => void (catalog.offers = [{ model: 'small', targets: [aModelPrice({ provider: 'nobody' })] }]),
      {},
    ],
    ['insufficient_credits', () => undefined, { demand: { outputTokens: 1_000_000 } }],
  ])('(%s) is neither held for nor sent nor logged', async (code, prepare, about) => {
    const { desk, openai } = await aServedDesk();
    prepare(desk);
    const sink = new RecordingAnswerSink();
    await expect(desk.ask(anAsk(about), undefined, sink)).rejects.toMatchObject({ code });
    expect([desk.holds, desk.logs.entries, openai.requests, sink.lines]).toEqual([[], [], [], []]);
    expect(await desk.standing()).toEqual([1000n, 0n]);
    expect(desk.telemetry.counted).toEqual([]);
    expect(desk.tracing.unfinished).toEqual([]);
  });

  it('is refused for its key while another with it runs, and after it ran', async () => {
    const { desk, openai } = await aServedDesk();
    const [asked, go] = [new Signal(), new Signal()];
    openai.answers = [
      async () => {
        asked.give();
        await go.given;
        return usedTokens(80, 40);
      },
    ];
    const ask = anAsk({ idempotencyKey: 'k' });
    const first = desk.ask(ask);
    await asked.given;
    await expect(desk.ask(ask)).rejects.toMatchObject({ code: 'idempotency_key_in_use' });
    go.give();
    await first;
    await expect(desk.ask(ask)).rejects.toMatchObject({ code: 'credit_hold_closed' });
    expect(openai.requests).toHaveLength(1);
    expect(desk.entry.requestId).toBe('ai:key:k');
    expect(await desk.standing()).toEqual([964n, 0n]);
  });
});

describe('a request with an Idempotency-Key', () => {
  const ask = anAsk({ idempotencyKey: 'k', fingerprint: 'f' });
  const kept = (desk: GatewayDesk) => desk.answers.find(desk.userId, 'k');

  it('has its whole answer kept with the charge, before it is delivered', async () => {
    const { desk } = await aServedDesk();
    const sink = new RecordingAnswerSink();
    const keeping = jest.spyOn(desk.answers, 'keep');
    const begun = jest.spyOn(sink, 'begin');
    await desk.ask(ask, undefined, sink);
    const body = { contentType: 'application/json', text: '{}' };
    expect(await kept(desk)).toEqual({ fingerprint: 'f', status: 200, body });
    expect(keeping.mock.invocationCallOrder[0]).toBeLessThan(begun.mock.invocationCallOrder[0]!);
    expect(desk.entry).toMatchObject({ outcome: 'completed', cost: micros(36) });
  });

  it('is charged when its answer is kept, and not charged while it cannot be', async () => {
    const { desk } = await aServedDesk();
    const away = new Error('The database is away.');
    jest.spyOn(desk.answers, 'keep').mockRejectedValueOnce(away);
    const standing: unknown[] = [];
    jest.spyOn(desk.pauses, 'wait').mockImplementation(async () => void standing.push(await desk.standing()));
    expect((await desk.ask(ask)).lines.at(-1)).toBe('end unknown');
    await desk.running.idle();
    expect(standing).toEqual([[1000n, 45n]]);
    expect(await desk.standing()).toEqual([964n, 0n]);
    expect(await kept(desk)).toMatchObject({ status: 200 });
  });

  it('is carried out again once the hold of a process that died ran out', async () => {
    const { desk, openai } = await aServedDesk();
    const died = new Signal();
    openai.answers = [
      () => {
        died.give();
        return new Promise(() => undefined);
      },
      usedTokens(80, 40),
    ];
    void desk.ask(ask);
    await died.given;
    await expect(desk.ask(ask)).rejects.toMatchObject({ code: 'idempotency_key_in_use' });
    desk.clock.set(desk.holds[0]!.expiresAt);
    expect((await desk.ask(ask)).lines.at(-1)).toBe('end 36');
    expect(desk.entry).toMatchObject({ requestId: 'ai:key:k 2', cost: micros(36) });
    expect(desk.holds.map(({ state }) => state)).toEqual(['expired', 'settled']);
    expect(await desk.standing()).toEqual([964n, 0n]);
  });

  it('says so when it failed as often as one key may', async () => {
    const { desk, openai } = await aServedDesk();
    const refusal = new ProviderRefusal(400, 'Too long.', null, null);
    openai.answers = [refusal];
    for (let time = 0; time < 20; time++) await expect(desk.ask(ask)).rejects.toBe(refusal);
    await expect(desk.ask(ask)).rejects.toMatchObject({ code: 'idempotency_key_exhausted', facts: { tries: 20 } });
    expect(desk.logs.entries).toHaveLength(20);
    expect(await desk.standing()).toEqual([1000n, 0n]);
  });
});

describe('a request that another provider answers', () => {
  const serving = async (of: Parameters<typeof aModelPrice>[0], simulated = false) => {
    const [openai, groq] = [new ScriptedAiProvider('openai'), new ScriptedAiProvider('groq', simulated)];
    openai.answers = [down];
    groq.answers = [usedTokens(80, 40)];
    const served = aModelPrice({ provider: 'groq', model: 'llama', ...of });
    return { groq, served, desk: await GatewayDesk.open([PRICE, served], [openai, groq], { markup: 1_000 }) };
  };

  it('costs no more than the model that was asked for, when that provider is dearer', async () => {
    const { desk, served } = await serving({ rates: { input_token: 1_500_000n, output_token: 6_000_000n } });
    const sink = await desk.ask();
    expect(sink.head).toMatchObject({ provider: 'groq', model: 'llama', requestedModel: 'small', priceId: PRICE.id });
    expect(desk.entry).toMatchObject({
      cost: micros(40),
      providerCost: micros(360),
      priceId: PRICE.id,
      servedPriceId: served.id,
      attempts: [{ result: 'server_error' }, { result: 'answered' }],
    });
    expect(await desk.standing()).toEqual([960n, 0n]);
  });

  it('costs less, when that provider is cheaper', async () => {
    const { desk } = await serving({ rates: { input_token: 75_000n, output_token: 300_000n } });
    await desk.ask();
    expect(desk.entry).toMatchObject({ held: micros(50), cost: micros(20), providerCost: micros(18) });
  });

  it('is never answered by a provider that makes answers up', async () => {
    const { desk, groq } = await serving({}, true);
    await expect(desk.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    expect(groq.requests).toEqual([]);
  });

  it('is not sent to who cannot be charged for it', async () => {
    const { desk, groq } = await serving({ rates: { output_token: 600_000n } });
    await expect(desk.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    expect(groq.requests).toEqual([]);
  });
});

describe('an answer whose provider reports more than there can be', () => {
  it('is charged what there can be, as an estimate, and an operator is told', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [usedTokens(80, 1_000_000)];
    await desk.ask();
    expect(desk.entry.usage.source).toBe('estimate');
    expect(desk.entry.cost.micros).toBeLessThanOrEqual(45n);
    expect(desk.log.lines.map(({ message }) => message)).toContain('A provider reported more than there can be.');
  });
});
