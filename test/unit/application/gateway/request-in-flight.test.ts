import type { StreamedAnswer } from '#application/gateway/ai-provider';
import { type Decided, requestEnd, RequestInFlight } from '#application/gateway/request-in-flight';
import type { UserId } from '#domain/accounts/user';
import type { AiUsage } from '#domain/providers/ai-usage';
import type { AiUsageLogId } from '#domain/providers/ai-usage-log';
import { aCreditHold, micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';
import { anAsk } from '#test/support/gateway-desk';

const BEGAN = new Date('2026-03-10T12:00:00.000Z');
const after = (ms: number): Date => new Date(BEGAN.getTime() + ms);
const ANA = 'ana' as UserId;
/** 0.15 micro-dollars for a token in, and 0.60 for one out. */
const PRICE = aModelPrice();
const tokens = (input: number, output: number): AiUsage => {
  return { quantities: { input_token: input, output_token: output }, source: 'provider', image: null };
};
const using = (usage: () => AiUsage, isFinishing = () => false): StreamedAnswer => {
  return {
    kind: 'stream',
    pieces: { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: '' }) }) },
    usage,
    isFinishing,
  };
};

function inFlight(of: Partial<Decided> = {}, isHeld = true): RequestInFlight {
  const decided: Decided = {
    id: 'log-1' as AiUsageLogId,
    userId: ANA,
    ask: anAsk({ demand: { inputTokens: 1000, outputTokens: 100 } }),
    price: PRICE,
    strategy: 'quality_first',
    targets: [PRICE],
    markup: 0,
    most: micros(45),
    startedAt: BEGAN,
    ...of,
  };
  return new RequestInFlight(decided, isHeld ? aCreditHold(ANA, 45) : null);
}

describe('the name of a request', () => {
  const nameOf = (of: Partial<Decided>): string => RequestInFlight.requestId(inFlight(of).decided);

  it('is its own without a key, and that of its key with one', () => {
    expect(nameOf({})).toBe('ai:log-1');
    expect(nameOf({ ask: anAsk({ idempotencyKey: 'k' }) })).toBe('ai:key:k');
  });

  it('is its own when nothing is held for it: nothing is charged twice', () => {
    expect(nameOf({ ask: anAsk({ idempotencyKey: 'k' }), most: micros(0) })).toBe('ai:log-1');
  });
});

describe('the entry of a request', () => {
  it('costs nothing while nobody answered', () => {
    const request = inFlight();
    request.attempts.push({ provider: 'openai', model: 'gpt-4o-mini', result: 'timeout', ms: 7 });
    expect(request.entry('failed', after(9))).toMatchObject({
      outcome: 'failed',
      provider: null,
      model: null,
      servedPriceId: null,
      cost: micros(0),
      providerCost: micros(0),
      held: micros(45),
      priceId: PRICE.id,
      usage: { quantities: {} },
      attempts: [{ result: 'timeout' }],
      firstByteMs: null,
      totalMs: 9,
    });
  });

  it('costs what was used until now', () => {
    const request = inFlight();
    let usage = tokens(1000, 0);
    request.answered(
      PRICE,
      using(() => usage),
      after(3),
    );
    expect(request.entry('client_gone', after(5))).toMatchObject({ cost: micros(150), firstByteMs: 3, totalMs: 5 });
    usage = tokens(1000, 100);
    expect(request.entry('completed', after(5))).toMatchObject({ cost: micros(210), usage });
  });

  it.each([
    ['dearer', { input_token: 300_000n, output_token: 1_200_000n }, 231n, 420n],
    ['cheaper', { input_token: 15_000n, output_token: 60_000n }, 23n, 21n],
  ])('costs the caller the less of both prices, with the markup, when who served is %s', (_, rates, cost, asked) => {
    const served = aModelPrice({ provider: 'groq', rates });
    const request = inFlight({ markup: 1_000, targets: [PRICE, served] });
    request.answered(
      served,
      using(() => tokens(1000, 100)),
      after(3),
    );
    expect(request.entry('completed', after(5))).toMatchObject({
      cost: micros(cost),
      providerCost: micros(asked),
      priceId: PRICE.id,
      servedPriceId: served.id,
      provider: 'groq',
      markup: 1_000,
    });
  });

  it('has the dearest image that fits where the one that came has no price', () => {
    const price = aModelPrice({
      modality: 'image',
      rates: { 'image/1024x1024': 40_000_000_000n, 'image/512x512': 1n },
    });
    const demand = { images: 2, image: { quality: null, size: null } };
    const ask = anAsk({ task: 'image', demand });
    const request = inFlight({ ask, price, targets: [price], most: micros(80_000) });
    const image = { quality: 'high', size: '1536x1024' };
    request.answered(
      price,
      using(() => ({ quantities: { image: 2 }, source: 'provider', image })),
      after(3),
    );
    expect(request.entry('completed', after(5))).toMatchObject({
      cost: micros(80_000),
      usage: { source: 'estimate', image: { quality: null, size: '1024x1024' } },
    });
  });

  it('costs more than was held only by what the provider reports, never by what we estimate', () => {
    const [reported, estimated] = (['provider', 'estimate'] as const).map((source) => {
      const request = inFlight();
      request.answered(
        PRICE,
        using(() => ({ ...tokens(1000, 100), source })),
        after(3),
      );
      return request.entry('completed', after(5)).cost;
    });
    expect([reported, estimated]).toEqual([micros(210), micros(45)]);
  });

  it('had nothing held without a hold', () => {
    expect(inFlight({}, false).entry('completed', after(5)).held).toEqual(micros(0));
  });

  it('is counted by what it says', () => {
    const request = inFlight();
    request.answered(
      PRICE,
      using(() => tokens(1000, 100)),
      after(500),
    );
    expect(requestEnd(request.entry('completed', after(2000)))).toEqual({
      provider: 'openai',
      model: 'small',
      outcome: 'completed',
      firstByteSeconds: 0.5,
      seconds: 2,
      inputTokens: 1000,
      outputTokens: 100,
      costMicros: 210,
    });
    expect(requestEnd(inFlight().entry('failed', after(1)))).toMatchObject({ provider: null, firstByteSeconds: null });
  });
});

describe('whether the provider is waited for when the caller leaves', () => {
  const [whole, inPieces] = [anAsk(), anAsk({ stream: true })];

  it('is for nobody before it was asked, for what comes whole, and for what is in pieces only at their end', () => {
    let isSaid = false;
    const answer = using(
      () => tokens(1, 1),
      () => isSaid,
    );
    const [ordered, streamed] = [inFlight({ ask: whole }), inFlight({ ask: inPieces })];
    expect([ordered.isOrdered, streamed.isOrdered]).toEqual([false, false]);
    ordered.isSent = streamed.isSent = true;
    expect([ordered.isOrdered, streamed.isOrdered]).toEqual([true, false]);
    streamed.answered(PRICE, answer, after(3));
    expect(streamed.isOrdered).toBe(false);
    isSaid = true;
    expect(streamed.isOrdered).toBe(true);
  });
});

describe('what a caller is told before an answer', () => {
  it('is who answers under which name, by which price, and how much is held', () => {
    const served = aModelPrice({ provider: 'groq', model: 'llama' });
    const request = inFlight({ ask: anAsk({ stream: true }) });
    request.answered(
      served,
      using(() => tokens(1, 1)),
      after(3),
    );
    expect(request.head('text/event-stream', true, null)).toEqual({
      contentType: 'text/event-stream',
      streamed: true,
      provider: 'groq',
      model: 'llama',
      requestedModel: 'small',
      simulated: true,
      strategy: 'quality_first',
      held: micros(45),
      priceId: PRICE.id,
      cost: null,
    });
  });
});
