import { jest } from '@jest/globals';
import { ClientGone } from '#application/gateway/ai-ask';
import { ProviderFault } from '#application/gateway/ai-provider';
import { micros } from '#test/support/builders/credits';
import { RecordingAnswerSink } from '#test/support/fakes/recording-answer-sink';
import { anAsk, aServedDesk, aStream } from '#test/support/gateway-desk';
import { Signal } from '#test/support/signal';

const down = new ProviderFault('server_error', 'Down.', 500, null);

/** Whatever can go on by itself has gone on. */
const everythingElse = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(() => void jest.useRealTimers());

describe('a request that is answered in pieces', () => {
  const asked = anAsk({ stream: true });

  it('is passed on piece by piece, and costs what it used by its end', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [aStream('a', 'b')];
    const sink = await desk.ask(asked);
    expect(sink.lines).toEqual(['begin', 'write a', 'write b', 'end 8']);
    expect(sink.head).toMatchObject({ streamed: true, cost: null, held: micros(45) });
    expect(desk.entry).toMatchObject({ outcome: 'completed', streamed: true, cost: micros(8) });
    expect(await desk.standing()).toEqual([992n, 0n]);
  });

  it('that its provider cuts short is ended with an error, and what was delivered is charged', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [aStream('a', down)];
    const sink = await desk.ask(asked);
    expect(sink.lines).toEqual(['begin', 'write a', 'fail server_error', 'end 5']);
    expect(desk.entry).toMatchObject({ outcome: 'cut_short', cost: micros(5) });
    expect(desk.telemetry.counted).toContain('aiProviderFailed openai server_error');
    expect(await desk.standing()).toEqual([995n, 0n]);
  });

  it('that breaks off by a fault of ours is charged for what was delivered, and told', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [aStream('a', new TypeError('ours'))];
    const sink = new RecordingAnswerSink();
    await expect(desk.ask(asked, undefined, sink)).rejects.toThrow('An answer broke off.');
    expect(sink.lines).toEqual(['begin', 'write a', 'fail server_error', 'end 5']);
    expect(desk.entry).toMatchObject({ outcome: 'cut_short', cost: micros(5) });
    expect(desk.telemetry.counted).not.toContain('aiProviderFailed openai server_error');
  });

  it('is cut off when its caller leaves, and what was delivered is charged', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [aStream('a', 'b', 'c')];
    const gone = new AbortController();
    const sink = new RecordingAnswerSink();
    sink.taking = (piece) => {
      if (piece === 'b') gone.abort(new ClientGone());
      return null;
    };
    await desk.ask(asked, gone.signal, sink);
    expect(sink.lines.slice(0, 3)).toEqual(['begin', 'write a', 'write b']);
    expect(sink.lines.some((line) => line.startsWith('fail') || line === 'write c')).toBe(false);
    expect(desk.entry).toMatchObject({ outcome: 'client_gone', cost: micros(8) });
    expect(openai.requests[0]!.signal.aborted).toBe(true);
    expect(await desk.standing()).toEqual([992n, 0n]);
  });

  /** An answer whose caller leaves with its last piece; what it used is reported behind that, or never. */
  const leavesAtTheEnd = async (reports: (gone: AbortSignal) => Promise<void>) => {
    const { desk, openai } = await aServedDesk({ drainMs: 5_000 });
    const gone = new AbortController();
    const sink = new RecordingAnswerSink();
    let isSaid = false;
    let quantities = { input_token: 10, output_token: 5 };
    openai.answers = [
      async ({ signal }) => {
        const pieces = async function* (): AsyncGenerator<string> {
          yield 'a';
          isSaid = true;
          yield 'last';
          await reports(signal);
          quantities = { input_token: 80, output_token: 40 };
          yield 'usage';
        };
        const usage = () => ({ quantities, source: 'provider', image: null }) as const;
        return { kind: 'stream', pieces: pieces(), usage, isFinishing: () => isSaid };
      },
    ];
    sink.taking = (piece) => {
      if (piece === 'last') gone.abort(new ClientGone());
      return null;
    };
    await desk.ask(asked, gone.signal, sink);
    return desk.entry;
  };

  it('is read on for its account when its caller leaves with the last piece', async () => {
    const entry = await leavesAtTheEnd(async () => everythingElse());
    expect(entry).toMatchObject({ outcome: 'completed', cost: micros(36) });
  });

  it('is given up when that account does not come', async () => {
    jest.useFakeTimers();
    const entry = await leavesAtTheEnd(async (signal) => {
      const given = new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
      jest.advanceTimersByTime(4_999);
      expect(signal.aborted).toBe(false);
      jest.advanceTimersByTime(1);
      return given;
    });
    expect(entry).toMatchObject({ outcome: 'client_gone', cost: micros(5) });
  });

  it('is cut off when it takes too long, with an error', async () => {
    jest.useFakeTimers();
    const { desk, openai } = await aServedDesk({ longestMs: 5_000 });
    openai.answers = [aStream('a', 'b')];
    const sink = new RecordingAnswerSink();
    sink.taking = () => {
      jest.advanceTimersByTime(5_000);
      return new Promise(() => undefined);
    };
    await desk.ask(asked, undefined, sink);
    expect(sink.lines).toEqual(['begin', 'write a', 'fail timeout', 'end 5']);
    expect(desk.entry).toMatchObject({ outcome: 'timed_out', cost: micros(5) });
  });

  it('is taken no faster than the caller reads', async () => {
    const { desk, openai } = await aServedDesk();
    openai.answers = [aStream('a', 'b')];
    const [full, drained] = [new Signal(), new Signal()];
    const sink = new RecordingAnswerSink();
    sink.taking = (piece) => {
      if (piece !== 'a') return null;
      full.give();
      return drained.given;
    };
    const answer = desk.ask(asked, undefined, sink);
    await full.given;
    await everythingElse();
    expect(sink.lines).toEqual(['begin', 'write a']);
    drained.give();
    await answer;
    expect(sink.lines.at(-1)).toBe('end 8');
  });
});
