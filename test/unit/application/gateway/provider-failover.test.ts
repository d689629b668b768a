import type { AiProvider, Dialect, FaultKind } from '#application/gateway/ai-provider';
import { ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { Circuits } from '#application/gateway/circuits';
import {
  AllProvidersFailed,
  CircuitBreakerOpen,
  NoProviderConfigured,
  ProviderFailover,
} from '#application/gateway/provider-failover';
import type { AiAttempt } from '#domain/providers/ai-usage-log';
import type { ModelOffer } from '#domain/providers/model-catalog';
import { ModelPrice, type ModelPriceId } from '#domain/providers/model-price';
import { InMemoryCircuitStore } from '#test/support/fakes/in-memory-circuit-store';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { RecordingTelemetry } from '#test/support/fakes/recording-telemetry';
import { ScriptedAiProvider, ScriptedAiProviders } from '#test/support/fakes/scripted-ai-provider';
import { Signal } from '#test/support/signal';

const DATE = new Date('2026-01-01T00:00:00.000Z');
const TRAITS = { contextTokens: null, maxOutputTokens: null, features: [] };
const price = (provider: string, model = 'gpt-4o-mini'): ModelPrice =>
  new ModelPrice(`${provider} ${model}` as ModelPriceId, provider, model, 'chat', {}, null, TRAITS, DATE, 'a test');

const [openai, groq, mistral, sandbox] = ['openai', 'groq', 'mistral', 'sandbox'].map((name) => price(name)) as [
  ModelPrice,
  ModelPrice,
  ModelPrice,
  ModelPrice,
];
const offerOf = (...targets: ModelPrice[]): ModelOffer => ({ model: 'small', targets });
const SECRET = 'Incorrect API key provided: sk-1234';
const fault = (kind: FaultKind, retryAfterMs: number | null = null): ProviderFault =>
  new ProviderFault(kind, SECRET, 500, retryAfterMs);

interface Options {
  readonly clock?: ManualClock;
  readonly store?: InMemoryCircuitStore;
  readonly providers?: readonly AiProvider[];
}

/** One process of the gateway; two over one store are two processes. */
function aProcess({ clock = new ManualClock(), store = new InMemoryCircuitStore(), providers = [] }: Options = {}) {
  const telemetry = new RecordingTelemetry();
  const log = new RecordingLog();
  const circuits = new Circuits(store, clock, telemetry, log);
  const all =
    providers.length > 0 ? providers : [openai, groq, mistral].map((one) => new ScriptedAiProvider(one.provider));
  const failover = new ProviderFailover(new ScriptedAiProviders(all), circuits, clock, telemetry, log);
  const attempts: AiAttempt[] = [];
  const asked: string[] = [];
  const { signal } = new AbortController();
  /** Each provider answers its name, or throws what is scripted for it. */
  const ask = (script: Readonly<Record<string, Error>> = {}, targets = [openai, groq, mistral]) =>
    failover.executeWithFailover(targets, attempts, signal, async ({ name }) => {
      asked.push(name);
      const error = script[name];
      if (error) throw error;
      return name;
    });
  const open = async (...targets: ModelPrice[]): Promise<void> => {
    for (const target of targets) {
      for (let time = 0; time < 5; time++) await failover.markFailed(target, fault('server_error'));
    }
  };
  return { clock, store, telemetry, log, circuits, failover, attempts, asked, ask, open };
}

describe('the targets of an offer', () => {
  const serving = (...served: `${Dialect} ${'chat' | 'image'}`[]) => new ScriptedAiProvider('openai', false, served);
  const targetsOf = (offer: ModelOffer, ...providers: AiProvider[]) =>
    aProcess({ providers }).failover.targets(offer, 'chat', 'openai');

  it('are those that are configured and serve the task in the dialect, in the order of the offer', () => {
    const configured = [new ScriptedAiProvider('mistral'), new ScriptedAiProvider('openai')];
    expect(targetsOf(offerOf(openai, groq, mistral), ...configured)).toEqual([openai, mistral]);
    const silent = [serving('anthropic chat', 'openai image'), new ScriptedAiProvider('mistral')];
    expect(targetsOf(offerOf(openai, mistral), ...silent)).toEqual([mistral]);
  });

  it('are never a sandbox beside a real provider, wherever it stands', () => {
    const simulated = new ScriptedAiProvider('sandbox', true);
    expect(targetsOf(offerOf(sandbox, openai), simulated, serving('openai chat'))).toEqual([openai]);
    expect(targetsOf(offerOf(openai, sandbox), simulated, serving('openai chat'))).toEqual([openai]);
    expect(targetsOf(offerOf(openai, sandbox), simulated)).toEqual([sandbox]);
    expect(targetsOf(offerOf(openai, sandbox), simulated, new ScriptedAiProvider('groq'))).toEqual([sandbox]);
    expect(() => targetsOf(offerOf(openai, sandbox), simulated, serving('openai image'))).toThrow(NoProviderConfigured);
  });

  it('are a refusal that names who would serve it, when nobody is configured', () => {
    const refused = new NoProviderConfigured(offerOf(openai, groq, openai), 'chat', 'openai');
    expect(() => targetsOf(offerOf(openai, groq, openai), new ScriptedAiProvider('mistral'))).toThrow(refused);
    expect([refused.code, refused.refusal, refused.facts]).toEqual([
      'provider_not_configured',
      'unavailable',
      { model: 'small', task: 'chat', providers: ['openai', 'groq'] },
    ]);
  });
});

describe('failing over', () => {
  it('asks in order of preference, and nobody after an answer', async () => {
    const { ask, asked, attempts } = aProcess();
    expect(await ask()).toEqual({ answer: 'openai', target: openai });
    expect(await ask({ openai: fault('timeout'), groq: fault('unreachable') })).toEqual({
      answer: 'mistral',
      target: mistral,
    });
    expect(asked).toEqual(['openai', 'openai', 'groq', 'mistral']);
    expect(attempts.map(({ provider, model, result }) => `${provider} ${model} ${result}`)).toEqual([
      'openai gpt-4o-mini answered',
      'openai gpt-4o-mini timeout',
      'groq gpt-4o-mini unreachable',
      'mistral gpt-4o-mini answered',
    ]);
  });

  it.each([
    'unauthorized',
    'payment_required',
    'forbidden',
    'model_not_found',
    'timeout',
    'rate_limited',
    'overloaded',
    'server_error',
    'unreachable',
  ] as const)('goes on after %s, and counts it', async (kind) => {
    const { ask, asked, telemetry, circuits, log } = aProcess();
    expect((await ask({ openai: fault(kind) })).answer).toBe('groq');
    expect(asked).toEqual(['openai', 'groq']);
    expect(telemetry.counted).toEqual([`aiProviderFailed openai ${kind}`]);
    const key = kind === 'model_not_found' ? 'openai/gpt-4o-mini' : 'openai';
    expect((await circuits.snapshot()).get(key)).toEqual({ state: 'closed', openUntil: null, failuresInARow: 1 });
    expect(log.lines.map(({ level, fields }) => [level, fields['detail']])).toEqual([['warn', SECRET]]);
  });

  it('goes on after an answer that cannot be read, and counts it against nobody: options of one caller can bring it about', async () => {
    const { ask, asked, telemetry, circuits, log } = aProcess();
    for (let time = 0; time < 12; time++) {
      expect((await ask({ openai: fault('invalid_answer') })).answer).toBe('groq');
    }
    expect(asked.filter((name) => name === 'openai')).toHaveLength(12);
    expect(telemetry.counted).toContain('aiProviderFailed openai invalid_answer');
    expect(log.lines).toHaveLength(12);
    expect((await circuits.snapshot()).get('openai')?.state ?? 'closed').toBe('closed');
  });

  it('stops at a refusal of the request, which counts against nobody', async () => {
    const { ask, asked, attempts, circuits } = aProcess();
    const refusal = new ProviderRefusal(400, 'max_tokens is too large', null, 'max_tokens');
    for (let time = 0; time < 6; time++) await expect(ask({ openai: refusal })).rejects.toBe(refusal);
    expect(new Set(asked)).toEqual(new Set(['openai']));
    expect(attempts.map(({ result }) => result)).toEqual(Array.from({ length: 6 }, () => 'refused'));
    expect((await circuits.snapshot()).size).toBe(0);
  });

  it('stops when the caller has gone, whatever the provider answers then, and counts it against nobody', async () => {
    const { failover, attempts, circuits } = aProcess();
    const gone = new Error('The client has gone.');
    for (const error of [gone, fault('unreachable'), new ProviderRefusal(400, 'no', null, null)]) {
      const controller = new AbortController();
      const asked = failover.executeWithFailover([openai, groq], attempts, controller.signal, async () => {
        controller.abort(gone);
        throw error;
      });
      await expect(asked).rejects.toBe(gone);
    }
    expect(attempts.map(({ provider, result }) => [provider, result])).toEqual(
      Array.from({ length: 3 }, () => ['openai', 'aborted']),
    );
    expect((await circuits.snapshot()).size).toBe(0);
  });

  it('asks nobody for a caller who has gone already', async () => {
    const { failover, attempts } = aProcess();
    const gone = new Error('The client has gone.');
    const never = async (): Promise<never> => {
      throw new Error('It was asked.');
    };
    const asked = failover.executeWithFailover([openai], attempts, AbortSignal.abort(gone), never);
    await expect(asked).rejects.toBe(gone);
    expect(attempts).toEqual([]);
  });

  it('takes a fault of ours for one, and asks nobody else', async () => {
    const { ask, asked, circuits } = aProcess();
    const ours = new TypeError('undefined is not a function');
    await expect(ask({ openai: ours })).rejects.toBe(ours);
    expect(asked).toEqual(['openai']);
    expect((await circuits.snapshot()).size).toBe(0);
  });

  it('tells every attempt when all failed, and nothing of what the providers said', async () => {
    const { ask } = aProcess();
    const script = { openai: fault('rate_limited', 9000), groq: fault('unauthorized'), mistral: fault('timeout') };
    const error: unknown = await ask(script).catch((thrown: unknown) => thrown);
    if (!(error instanceof AllProvidersFailed)) throw error;
    expect([error.code, error.refusal, error.facts]).toEqual([
      'all_providers_failed',
      'unavailable',
      {
        attempts: [
          'openai gpt-4o-mini: rate_limited',
          'groq gpt-4o-mini: unauthorized',
          'mistral gpt-4o-mini: timeout',
        ],
      },
    ]);
    expect(error.faults).toEqual(['rate_limited', 'unauthorized', 'timeout']);
    expect(error.attempts).toHaveLength(3);
    expect(error.retryAfterMs).toBeNull();
    expect(error.message).not.toContain('sk-1234');
  });

  it('says when to come back if all were too busy for us', async () => {
    const script = {
      openai: fault('rate_limited', 9000),
      groq: fault('rate_limited', 4000),
      mistral: fault('rate_limited'),
    };
    await expect(aProcess().ask(script)).rejects.toMatchObject({ retryAfterMs: 4000 });
    const silent = fault('rate_limited');
    await expect(aProcess().ask({ openai: silent, groq: silent, mistral: silent })).rejects.toMatchObject({
      retryAfterMs: null,
    });
  });

  it('measures every attempt', async () => {
    const { clock, failover, attempts } = aProcess();
    const { signal } = new AbortController();
    await failover.executeWithFailover([openai, groq], attempts, signal, async ({ name }) => {
      clock.advance(0.25);
      if (name === 'openai') throw fault('timeout');
    });
    expect(attempts.map(({ ms }) => ms)).toEqual([250, 250]);
  });
});

describe('open circuits', () => {
  it('are passed over, and the next one is asked at once', async () => {
    const { ask, asked, open, failover, log, telemetry } = aProcess();
    await open(openai);
    expect([await failover.isCircuitOpen(openai), await failover.isCircuitOpen(groq)]).toEqual([true, false]);
    expect(await failover.getNextProvider([openai, groq], [])).toBe(groq);
    expect(await failover.getNextProvider([openai, groq], [groq])).toBeNull();
    expect((await ask()).answer).toBe('groq');
    expect(asked).toEqual(['groq']);
    expect(telemetry.counted.at(-1)).toBe('circuitChanged openai open');
    expect(log.lines.filter(({ message }) => message === 'A circuit opened.')).toHaveLength(1);
  });

  it('of every target are a refusal of their own, which says when to come back', async () => {
    const { ask, asked, clock, open } = aProcess();
    await open(openai);
    clock.advance(20);
    await open(groq, mistral);
    const error: unknown = await ask().catch((thrown: unknown) => thrown);
    if (!(error instanceof CircuitBreakerOpen)) throw error;
    expect([error.code, error.refusal, error.retryAfterMs, error.facts]).toEqual([
      'circuit_breaker_open',
      'unavailable',
      40_000,
      { providers: ['openai', 'groq', 'mistral'], retry_after_seconds: 40 },
    ]);
    expect(asked).toEqual([]);
  });

  it('are no such refusal when somebody was asked', async () => {
    const { ask, open } = aProcess();
    await open(openai, mistral);
    await expect(ask({ groq: fault('timeout') })).rejects.toBeInstanceOf(AllProvidersFailed);
  });

  it('stay for as long as a busy provider asked, and end by themselves', async () => {
    const { ask, asked, clock, circuits, telemetry } = aProcess();
    await ask({ openai: fault('rate_limited', 7000) });
    clock.advance(6.999);
    await ask();
    clock.advance(0.001);
    await Promise.all([ask(), ask()]);
    expect(asked).toEqual(['openai', 'groq', 'groq', 'openai', 'openai']);
    expect((await circuits.snapshot()).get('openai')?.state).toBe('closed');
    expect(telemetry.counted).toEqual([
      'aiProviderFailed openai rate_limited',
      'circuitChanged openai open',
      'circuitChanged openai closed',
    ]);
  });

  it('are not asked for by a pause in an answer of another kind', async () => {
    const { ask, circuits } = aProcess();
    await ask({ openai: fault('unauthorized', 7000) });
    expect((await circuits.snapshot()).get('openai')?.state).toBe('closed');
  });

  it('concern one model alone when the provider does not know it', async () => {
    const { failover } = aProcess();
    const [wrong, right] = [price('openai', 'gpt-typo'), price('openai', 'gpt-4o')];
    for (let time = 0; time < 5; time++) await failover.markFailed(wrong, fault('model_not_found'));
    expect([await failover.isCircuitOpen(wrong), await failover.isCircuitOpen(right)]).toEqual([true, false]);
    expect(await failover.getNextProvider([wrong, right], [])).toBe(right);
  });

  it('concern one model alone of a sandbox, whose models fail on demand', async () => {
    const { failover } = aProcess({ providers: [new ScriptedAiProvider('sandbox', true)] });
    const [failing, working] = [price('sandbox', 'sandbox-chat-unavailable'), price('sandbox', 'sandbox-chat')];
    for (let time = 0; time < 5; time++) await failover.markFailed(failing, fault('overloaded'));
    expect([await failover.isCircuitOpen(failing), await failover.isCircuitOpen(working)]).toEqual([true, false]);
  });

  it('of one model close when it answers, and count no answers before', async () => {
    const { clock, failover, circuits } = aProcess();
    await failover.markSucceeded(openai);
    expect([...(await circuits.snapshot()).keys()]).toEqual(['openai']);
    for (let time = 0; time < 5; time++) await failover.markFailed(openai, fault('model_not_found'));
    clock.advance(60);
    for (let time = 0; time < 2; time++) {
      expect(await failover.getNextProvider([openai], [])).toBe(openai);
      await failover.markSucceeded(openai);
    }
    expect((await circuits.snapshot()).get('openai/gpt-4o-mini')?.state).toBe('closed');
  });

  it('are not reopened by what was asked before they opened', async () => {
    const { clock, failover, open } = aProcess();
    const askedAt = clock.now();
    await open(openai);
    clock.advance(60);
    await failover.markFailed(openai, fault('timeout'), askedAt);
    expect(await failover.isCircuitOpen(openai)).toBe(false);
    for (let time = 0; time < 2; time++) await failover.markSucceeded(openai, askedAt);
    expect(await failover.getNextProvider([openai], [])).toBe(openai);
    expect(await failover.getNextProvider([openai], [])).toBeNull();
  });
});

describe('half open circuits', () => {
  /** Begins `count` requests at once; the first choice keeps its answer back until it is told. */
  function crowd(process: ReturnType<typeof aProcess>, count: number) {
    const { failover, asked } = process;
    const [told, arrived] = [new Signal(), new Signal()];
    const { signal } = new AbortController();
    let answers = 0;
    const requests = Array.from({ length: count }, () =>
      failover.executeWithFailover([openai, groq], [], signal, async ({ name }) => {
        asked.push(name);
        if (++answers === count) arrived.give();
        if (name === 'openai') await told.given;
        return name;
      }),
    );
    return { all: Promise.all(requests), arrived: arrived.given, answer: told.give };
  }

  it('let one of twenty requests probe, and close after two', async () => {
    const process = aProcess();
    await process.open(openai);
    process.clock.advance(60);
    const { all, arrived, answer } = crowd(process, 20);
    await arrived;
    expect(process.asked.filter((name) => name === 'openai')).toHaveLength(1);
    answer();
    await all;
    expect((await process.circuits.snapshot()).get('openai')?.state).toBe('half_open');
    expect((await process.ask()).answer).toBe('openai');
    expect((await process.circuits.snapshot()).get('openai')?.state).toBe('closed');
    expect(process.telemetry.counted.filter((line) => line.startsWith('circuit'))).toEqual([
      'circuitChanged openai open',
      'circuitChanged openai half_open',
      'circuitChanged openai closed',
    ]);
    expect(process.log.lines.at(-1)).toMatchObject({ level: 'info', message: 'A circuit closed.' });
    expect((await process.store.load()).size).toBe(0);
  });

  it('let one of all processes probe', async () => {
    const [clock, store] = [new ManualClock(), new InMemoryCircuitStore()];
    const [here, there] = [aProcess({ clock, store }), aProcess({ clock, store })];
    await here.open(openai);
    clock.advance(60);
    const crowds = [crowd(here, 10), crowd(there, 10)];
    await Promise.all(crowds.map(({ arrived }) => arrived));
    expect([...here.asked, ...there.asked].filter((name) => name === 'openai')).toHaveLength(1);
    for (const { answer } of crowds) answer();
    await Promise.all(crowds.map(({ all }) => all));
  });

  it('open again when the probe fails', async () => {
    const { ask, clock, open, failover } = aProcess();
    await open(openai);
    clock.advance(60);
    expect((await ask({ openai: fault('timeout') })).answer).toBe('groq');
    clock.advance(59.999);
    expect(await failover.isCircuitOpen(openai)).toBe(true);
    clock.advance(0.001);
    expect(await failover.isCircuitOpen(openai)).toBe(false);
  });

  it('let the next request probe when the probe said nothing about the provider', async () => {
    const { ask, clock, open } = aProcess();
    await open(openai);
    clock.advance(60);
    const refusal = new ProviderRefusal(422, 'no', null, null);
    await expect(ask({ openai: refusal })).rejects.toBe(refusal);
    expect((await ask()).answer).toBe('openai');
  });

  it('let the next request probe when the caller left before the probe was sent', async () => {
    const { ask, asked, attempts, clock, open, store, failover } = aProcess();
    await open(openai);
    clock.advance(60);
    const gone = new Error('The client has gone.');
    const controller = new AbortController();
    const claim = store.claimProbe.bind(store);
    store.claimProbe = async (...probe) => {
      controller.abort(gone);
      return claim(...probe);
    };
    const asking = failover.executeWithFailover([openai], attempts, controller.signal, async ({ name }) =>
      asked.push(name),
    );
    await expect(asking).rejects.toBe(gone);
    expect([asked, attempts]).toEqual([[], []]);
    expect((await ask()).answer).toBe('openai');
  });

  it('let the next request probe when the probe found the fault in one model', async () => {
    const { ask, clock, open } = aProcess();
    await open(openai);
    clock.advance(60);
    await ask({ openai: fault('model_not_found') });
    expect((await ask()).answer).toBe('openai');
  });

  it('let the next request probe when the probe did not come back', async () => {
    const { clock, open, failover } = aProcess();
    await open(openai);
    clock.advance(60);
    const next = () => failover.getNextProvider([openai], []);
    expect([await next(), await next()]).toEqual([openai, null]);
    clock.advance(29.999);
    expect(await next()).toBeNull();
    clock.advance(0.001);
    expect(await next()).toBe(openai);
  });

  it('promise a moment to who finds a probe under way', async () => {
    const { ask, clock, open, failover } = aProcess();
    await open(openai);
    clock.advance(60);
    await failover.getNextProvider([openai], []);
    await expect(ask({}, [openai])).rejects.toMatchObject({ retryAfterMs: 1000, facts: { retry_after_seconds: 1 } });
  });
});
