import { Circuits } from '#application/gateway/circuits';
import { InMemoryCircuitStore } from '#test/support/fakes/in-memory-circuit-store';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { RecordingTelemetry } from '#test/support/fakes/recording-telemetry';
import { Signal } from '#test/support/signal';

/** Processes over one store. */
function aCluster() {
  const clock = new ManualClock();
  const store = new InMemoryCircuitStore();
  const aProcess = () => {
    const [telemetry, log] = [new RecordingTelemetry(), new RecordingLog()];
    const circuits = new Circuits(store, clock, telemetry, log);
    const fail = async (times: number, retryAfterMs: number | null = null): Promise<void> => {
      for (let time = 0; time < times; time++) await circuits.failed('openai', retryAfterMs, clock.now());
    };
    const probe = async (): Promise<boolean> => {
      if (!(await circuits.admit(['openai', 'openai/gpt-4o']))) return false;
      await circuits.succeeded('openai', clock.now());
      return true;
    };
    return { circuits, telemetry, log, fail, probe, state: () => circuits.stateOf('openai') };
  };
  return { clock, store, aProcess, here: aProcess(), there: aProcess() };
}

/** Lets what runs in the background come to its end. */
const background = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the circuits of two processes', () => {
  it('open together, within the lag, and no question waits for it', async () => {
    const { clock, store, here, there } = aCluster();
    await there.state();
    await here.fail(5);
    clock.advance(1);
    expect(await there.state()).toBe('closed');
    clock.advance(0.001);
    const [load, asked] = [store.load.bind(store), new Signal()];
    store.load = async () => {
      await asked.given;
      return load();
    };
    expect(await there.state()).toBe('closed');
    asked.give();
    await background();
    expect(await there.state()).toBe('open');
    expect(there.telemetry.counted).toEqual(['circuitChanged openai open']);
    expect(there.log.lines).toEqual([]);
  });

  it('are read before the first question, and after a time without any', async () => {
    const { clock, store, here, there, aProcess } = aCluster();
    const load = store.load.bind(store);
    store.load = async () => {
      await background();
      return load();
    };
    await there.state();
    await here.fail(5);
    expect(await aProcess().state()).toBe('open');
    clock.advance(5.001);
    expect(await there.state()).toBe('open');
  });

  it('are read by one question at a time, and not more often than the lag', async () => {
    const { clock, store, here } = aCluster();
    await Promise.all(Array.from({ length: 20 }, here.state));
    expect(store.loads).toBe(1);
    clock.advance(0.5);
    await here.state();
    clock.advance(0.501);
    await Promise.all(Array.from({ length: 20 }, here.state));
    await background();
    expect(store.loads).toBe(2);
  });

  it('close together, and count probes together', async () => {
    const { clock, store, here, there } = aCluster();
    await here.fail(5);
    clock.advance(60);
    expect([await here.probe(), await there.probe()]).toEqual([true, true]);
    expect((await store.load()).size).toBe(0);
    expect(await there.state()).toBe('closed');
    clock.advance(1.001);
    await here.state();
    await background();
    expect(await here.state()).toBe('closed');
    expect(there.log.lines.map(({ level, message }) => [level, message])).toEqual([['info', 'A circuit closed.']]);
    expect(here.telemetry.counted).toEqual([
      'circuitChanged openai open',
      'circuitChanged openai half_open',
      'circuitChanged openai closed',
    ]);
  });

  it('are probed from where another process left off, within the lag', async () => {
    const { clock, here, there } = aCluster();
    await here.fail(5);
    clock.advance(60);
    await there.state();
    expect(await here.probe()).toBe(true);
    // The claim of a probe reads what the last one found.
    expect(await there.probe()).toBe(true);
    expect(await there.state()).toBe('closed');
  });

  it('are not closed by a reading that began before they opened', async () => {
    const { clock, store, here } = aCluster();
    await here.state();
    const asked = new Signal();
    store.load = async () => {
      await asked.given;
      return new Map();
    };
    clock.advance(1.001);
    await here.state();
    await here.fail(5);
    asked.give();
    await background();
    expect(await here.state()).toBe('open');
  });

  it('keep the longer of two pauses', async () => {
    const { clock, here, there } = aCluster();
    await there.fail(4);
    await here.fail(5);
    await there.fail(1, 120_000);
    for (const { circuits } of [here, there]) {
      clock.advance(5.001);
      const until = (await circuits.snapshot()).get('openai')?.openUntil;
      expect(until).toEqual(new Date('2026-03-10T12:02:00.000Z'));
    }
  });

  it('count failures for themselves', async () => {
    const { clock, store, here, there } = aCluster();
    await here.fail(4);
    await there.fail(4);
    clock.advance(6);
    expect([await here.state(), await there.state()]).toEqual(['closed', 'closed']);
    expect(store.saved).toEqual([]);
    expect((await here.circuits.snapshot()).get('openai')?.failuresInARow).toBe(4);
  });

  it('are written when they open, count a probe or close, and for no other request', async () => {
    const { clock, store, here } = aCluster();
    for (let time = 0; time < 10; time++) await here.circuits.succeeded('openai', clock.now());
    await here.fail(4);
    expect(store.saved).toEqual([]);
    await here.fail(3);
    expect(store.saved).toEqual(['openai']);
    clock.advance(60);
    await here.probe();
    await here.probe();
    expect(store.saved).toEqual(['openai', 'openai', 'openai']);
  });
});

describe('circuits whose store cannot be asked', () => {
  const OUTAGE = new Error('connection refused');

  it('open, probe and close in memory, and say so in the log', async () => {
    const { clock, store, here } = aCluster();
    store.error = OUTAGE;
    await here.fail(5);
    expect(await here.state()).toBe('open');
    clock.advance(60);
    expect(await here.circuits.admit(['openai'])).toBe(true);
    expect(await here.circuits.admit(['openai'])).toBe(false);
    await here.circuits.succeeded('openai', clock.now());
    expect(await here.probe()).toBe(true);
    expect(await here.state()).toBe('closed');
    const errors = here.log.lines.filter(({ level }) => level === 'error');
    expect(new Set(errors.map(({ error }) => error))).toEqual(new Set([OUTAGE]));
    expect(errors.length).toBeGreaterThan(0);
  });

  it('are shared as soon as it can be asked again, and not taken for closed before', async () => {
    const { clock, store, here, there } = aCluster();
    await there.state();
    store.error = OUTAGE;
    await here.fail(5);
    store.error = null;
    clock.advance(5.001);
    expect(await here.state()).toBe('open');
    expect(await there.state()).toBe('open');
  });

  it('ask again after the lag only', async () => {
    const { clock, store, here } = aCluster();
    store.error = OUTAGE;
    await here.state();
    await here.state();
    expect(store.loads).toBe(1);
    clock.advance(1.001);
    await here.state();
    expect(store.loads).toBe(2);
  });

  it('hold nobody up for longer than the lag when it does not answer', async () => {
    const { clock, store, here } = aCluster();
    const answer = new Signal();
    store.load = async () => {
      await answer.given;
      return new Map();
    };
    const waiting = here.state();
    clock.advance(1.001);
    expect(await here.state()).toBe('closed');
    answer.give();
    expect(await waiting).toBe('closed');
  });
});

describe('a probe that another process has', () => {
  it('is asked about once in a lag, not by every request', async () => {
    const { clock, store, here, there } = aCluster();
    await here.fail(5);
    clock.advance(60);
    expect(await here.circuits.admit(['openai'])).toBe(true);
    let claims = 0;
    const claim = store.claimProbe.bind(store);
    store.claimProbe = async (...asked) => (claims++, claim(...asked));
    for (let time = 0; time < 10; time++) expect(await there.circuits.admit(['openai'])).toBe(false);
    expect(claims).toBe(1);
  });

  it('is not ended by a request of ours', async () => {
    const { clock, here, there } = aCluster();
    await here.fail(5);
    clock.advance(60);
    expect(await here.circuits.admit(['openai'])).toBe(true);
    expect(await there.circuits.admit(['openai'])).toBe(false);
    await there.circuits.released('openai', clock.now());
    clock.advance(1);
    expect(await there.circuits.admit(['openai'])).toBe(false);
  });

  it('of one key leaves the other key’s to the next', async () => {
    const { clock, here, there } = aCluster();
    const keys = ['openai', 'openai/gpt-4o'];
    for (let time = 0; time < 5; time++) {
      for (const key of keys) await here.circuits.failed(key, null, clock.now());
    }
    clock.advance(60);
    expect(await there.circuits.admit(['openai/gpt-4o'])).toBe(true);
    expect(await here.circuits.admit(keys)).toBe(false);
    expect(await here.circuits.admit(['openai'])).toBe(true);
  });

  it('is not ended by a request that was sent before it', async () => {
    const { clock, here } = aCluster();
    const before = clock.now();
    await here.fail(5);
    clock.advance(60);
    expect(await here.circuits.admit(['openai'])).toBe(true);
    await here.circuits.released('openai', before);
    expect(await here.circuits.admit(['openai'])).toBe(false);
    await here.circuits.released('openai', clock.now());
    expect(await here.circuits.admit(['openai'])).toBe(true);
  });
});
