import { jest } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { Exchange, type UpstreamBody } from '#infrastructure/gateway/upstream-exchange';

const SETTINGS = { provider: 'openai', firstByteMs: 5_000, idleMs: 5_000 };

const aConnection = () => ({
  abort: jest.fn(),
  pause: jest.fn(),
  resume: jest.fn(),
  aborted: false,
  paused: false,
  reason: null,
});

describe('The body of an answer', () => {
  let exchange: Exchange;
  let body: UpstreamBody;
  let connection: ReturnType<typeof aConnection>;

  const arrives = (text: string): void => exchange.onResponseData(connection, Buffer.from(text));

  beforeEach(async () => {
    connection = aConnection();
    exchange = new Exchange(SETTINGS, new AbortController().signal);
    const answer = await exchange.answer((handler: Dispatcher.DispatchHandler) => {
      handler.onRequestStart!(connection, null);
      handler.onResponseStart!(connection, 200, {});
    });
    body = answer.body;
  });

  it('gives what came since it was last asked, as one piece', async () => {
    const first = body.next();
    ['a', 'b', 'c'].forEach(arrives);
    expect(String((await first).value)).toBe('abc');
  });

  it('ends after its last piece', async () => {
    arrives('a');
    exchange.onResponseEnd();
    expect(String((await body.next()).value)).toBe('a');
    expect(await body.next()).toEqual({ done: true, value: undefined });
  });

  it('makes its server wait while 64 kB are unread, and go on once they are read', async () => {
    arrives('x'.repeat(65_535));
    expect(connection.pause).not.toHaveBeenCalled();
    arrives('x');
    expect(connection.pause).toHaveBeenCalledTimes(1);
    expect((await body.next()).value).toHaveLength(65_536);
    expect(connection.resume).toHaveBeenCalledTimes(1);
  });

  it('keeps its connection when it was read to its end', async () => {
    arrives('a');
    exchange.onResponseEnd();
    await body.next();
    body.destroy();
    expect(connection.abort).not.toHaveBeenCalled();
  });

  it('closes its connection when it is left early', async () => {
    arrives('a');
    await body.return();
    expect(connection.abort).toHaveBeenCalledTimes(1);
    await expect(body.next()).rejects.toMatchObject({ kind: 'server_error' });
  });
});

it('ends an exchange that was given up before there was a connection, as soon as there is one', async () => {
  const caller = new AbortController();
  const exchange = new Exchange(SETTINGS, caller.signal);
  const answer = exchange.answer(() => caller.abort(new Error('left')));
  await expect(answer).rejects.toThrow('left');
  const connection = aConnection();
  exchange.onRequestStart(connection);
  expect(connection.abort).toHaveBeenCalledTimes(1);
});
