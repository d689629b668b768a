import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Client } from 'pg';
import {
  answers,
  chunk,
  COMPLETION,
  CONTENT,
  DONE,
  floods,
  isSilent,
  streams,
  usageChunk,
} from '#test/support/ai/openai-double';
import { Signal } from '#test/support/signal';
import { ASKED, standsStill, START, STREAMED, until, UpstreamWorld } from './upstream-world.js';

/** 60 tokens read, 40 read from the cache, 30 written, at 0.15, 0.075 and 0.60 micros. */
const COST_OF_COMPLETION = 30;
/** Two tokens asked, four delivered: 0.3 and 2.4 micros. */
const COST_OF_CONTENT = 3;

const A_FLOOD = chunk({ content: 'Grüezi mitenand. '.repeat(1000) });

describe('callers that leave, and providers that die', () => {
  let world: UpstreamWorld;
  beforeAll(async () => (world = await UpstreamWorld.start({ connections: 1 })));
  afterAll(() => world?.stop());
  beforeEach(() => {
    world.openai.hungUp = new Signal();
    world.openai.asked = new Signal();
  });

  it.each([
    ['a stream', STREAMED],
    ['a whole answer', ASKED],
  ])('who leaves before it is known who asked for %s is sent nowhere, and nothing is held', async (_, body) => {
    const user = await world.user();
    const asked = world.openai.requests.length;
    const other = new Client(world.app.databaseUrl);
    await other.connect();
    try {
      await other.query('begin');
      await other.query('lock table devices in access exclusive mode');
      const caller = world.caller(user, body);
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await world.app.rows(waiting)).length > 0);
      caller.leave();
      await world.served.lastIsClosed();
      await other.query('rollback');
    } finally {
      await other.end();
    }
    // Whatever became of it comes before what is asked after it.
    expect((await world.ask(user)).status).toBe(200);
    expect(await world.settled(user)).toMatchObject([{ outcome: 'completed' }]);
    expect(world.openai.requests).toHaveLength(asked + 1);
  });

  it.each([
    ['a stream', STREAMED],
    ['a whole answer', ASKED],
  ])('who leaves while %s is being held for is sent nowhere, and pays nothing', async (_, body) => {
    const user = await world.user();
    const asked = world.openai.requests.length;
    const other = new Client(world.app.databaseUrl);
    await other.connect();
    try {
      await other.query('begin');
      await other.query('select from credit_accounts where user_id = $1 for update', [user.id]);
      const caller = world.caller(user, body);
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await world.app.rows(waiting)).length > 0);
      caller.leave();
      await world.served.lastIsClosed();
      await other.query('commit');
    } finally {
      await other.end();
    }
    const logs = await world.settled(user);
    expect(logs).toMatchObject([{ outcome: 'client_gone', cost: 0, provider: null, attempts: [] }]);
    expect(logs[0]!.held).toBeGreaterThan(0);
    expect(world.openai.requests).toHaveLength(asked);
  });

  it('who leaves before the first byte of a stream ends it at the provider, and pays nothing', async () => {
    const user = await world.user();
    world.openai.does(isSilent);
    const caller = world.caller(user);
    await world.openai.asked.given;
    caller.leave();
    await world.openai.hungUp.given;
    const logs = await world.settled(user);
    expect(logs).toMatchObject([{ outcome: 'client_gone', cost: 0, attempts: [{ result: 'aborted' }] }]);
  });

  it('who leaves in mid-stream ends it at the provider, and pays for what was delivered', async () => {
    const user = await world.user();
    world.openai.does(streams(CONTENT.slice(0, 3), 'falls silent'));
    const caller = world.caller(user);
    await new Promise<void>((resolve) => caller.onText((text) => text.includes('mitenand') && resolve()));
    caller.leave();
    await world.openai.hungUp.given;
    expect(await world.settled(user)).toMatchObject([
      { outcome: 'client_gone', cost: COST_OF_CONTENT, usage_source: 'estimate' },
    ]);
  });

  it('who leaves when a stream is said to its end pays what the provider reports of it', async () => {
    const user = await world.user();
    const left = new Signal();
    world.openai.does(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of CONTENT) response.write(event);
      await left.given;
      response.write(usageChunk());
      response.end(DONE);
    });
    const caller = world.caller(user);
    await new Promise<void>((resolve) => caller.onText((text) => text.includes('"stop"') && resolve()));
    caller.leave();
    await world.served.lastIsClosed();
    left.give();
    expect(await world.settled(user)).toMatchObject([
      { outcome: 'completed', cost: COST_OF_COMPLETION, usage_source: 'provider' },
    ]);
  });

  it('who leaves a whole answer has ordered it: it is waited for, and charged', async () => {
    const user = await world.user();
    const known = new Signal();
    world.openai.does(async (response, asked) => {
      await known.given;
      await answers(COMPLETION)(response, asked);
    });
    const caller = world.caller(user, ASKED);
    await world.openai.asked.given;
    caller.leave();
    await world.served.lastIsClosed();
    known.give();
    expect(await world.settled(user)).toMatchObject([
      { outcome: 'completed', cost: COST_OF_COMPLETION, usage_source: 'provider' },
    ]);
  });

  it('who leaves an answer that nobody reads frees its connection to the provider', async () => {
    const user = await world.user();
    world.openai.does(floods(A_FLOOD));
    const caller = world.caller(user, STREAMED, { reads: false });
    const { socket } = await caller.answered;
    await standsStill(() => world.served.last.socket!.bytesWritten, 200);
    expect(world.served.last.writableNeedDrain).toBe(true);
    caller.leave();
    expect(socket.destroyed).toBe(true);
    await world.openai.hungUp.given;
    const [log] = await world.settled(user);
    expect(log).toMatchObject({ outcome: 'client_gone' });
    expect(log!.cost).toBeGreaterThan(0);
    expect(world.served.last.listenerCount('drain') + world.served.last.listenerCount('close')).toBeLessThan(5);

    // There is but one.
    world.openai.does(answers(COMPLETION));
    expect((await world.ask(user)).status).toBe(200);
    await world.settled(user);
  });

  it('who does not read a whole answer is not waited for', async () => {
    const user = await world.user();
    const [choice] = COMPLETION.choices;
    const message = { ...choice!.message, content: 'Grüezi mitenand. '.repeat(1_000_000) };
    world.openai.does(answers({ ...COMPLETION, choices: [{ ...choice, message }] }));
    const caller = world.caller(user, ASKED, { reads: false });
    await caller.answered;
    expect(await world.settled(user)).toMatchObject([{ outcome: 'completed', cost: COST_OF_COMPLETION }]);
    expect(world.served.last.writableFinished).toBe(false);
    caller.leave();
  });

  it('a provider that dies in mid-stream is told as an error, and what it delivered is charged', async () => {
    const user = await world.user();
    world.openai.does(streams(CONTENT.slice(0, 3), 'breaks'));
    const caller = world.caller(user);
    await caller.closed;
    expect(caller.text).toContain('mitenand');
    expect(lastEventOf(caller.text)).toMatchObject({ error: { type: 'server_error', code: 'upstream_error' } });
    expect(caller.text).not.toContain('[DONE]');
    expect(await world.settled(user)).toMatchObject([
      { outcome: 'cut_short', cost: COST_OF_CONTENT, usage_source: 'estimate', provider: 'openai' },
    ]);
  });
});

describe('requests that would not end', () => {
  const LONGEST_MS = 1_500;
  let world: UpstreamWorld;
  beforeAll(async () => (world = await UpstreamWorld.start({ connections: 1, longestMs: LONGEST_MS, drainMs: 50 })));
  afterAll(() => world?.stop());
  beforeEach(() => {
    world.openai.hungUp = new Signal();
    world.openai.asked = new Signal();
  });

  it('in mid-stream they are told so, and what was delivered is charged', async () => {
    const user = await world.user();
    world.openai.does(streams(CONTENT.slice(0, 3), 'falls silent'));
    const caller = world.caller(user);
    await caller.closed;
    await world.openai.hungUp.given;
    expect(lastEventOf(caller.text)).toMatchObject({ error: { type: 'server_error', code: 'timeout' } });
    expect(await world.settled(user)).toMatchObject([
      { outcome: 'timed_out', cost: COST_OF_CONTENT, usage_source: 'estimate' },
    ]);
  });

  it('nor does one whose caller stays, and reads nothing', async () => {
    const user = await world.user();
    let sent: ServerResponse | null = null;
    world.openai.does((response, asked) => floods(A_FLOOD)((sent = response), asked));
    const caller = world.caller(user, STREAMED, { reads: false });
    await caller.answered;
    await standsStill(() => world.served.last.socket!.bytesWritten, 200);
    expect(world.served.last.writableNeedDrain).toBe(true);
    if (!sent!.destroyed) await once(sent!, 'close');
    const [log] = await world.settled(user);
    // A provider that goes on beyond max_tokens says so itself, or is not paid for it by the caller.
    expect(log).toMatchObject({ outcome: 'timed_out', usage_source: 'estimate' });
    expect(log!.cost).toBeGreaterThan(COST_OF_CONTENT);
    expect(log!.cost).toBeLessThanOrEqual(log!.held);
    // Who does not read would keep the connection for ever.
    expect(world.served.last.destroyed).toBe(true);
    caller.leave();
  });

  it('a whole answer that takes longer than somebody who left is waited for is cancelled, and costs nothing', async () => {
    const user = await world.user();
    world.openai.does(isSilent);
    const caller = world.caller(user, ASKED);
    await world.openai.asked.given;
    const leftAt = performance.now();
    caller.leave();
    await world.openai.hungUp.given;
    expect(performance.now() - leftAt).toBeLessThan(LONGEST_MS / 2);
    expect(await world.settled(user)).toMatchObject([{ outcome: 'client_gone', cost: 0, provider: null }]);
    expect((await world.gateway.booksOf(user)).balance).toBe(START);
  });
});

function lastEventOf(text: string): unknown {
  return JSON.parse(text.trim().split('\n\n').at(-1)!.replace('data: ', ''));
}
