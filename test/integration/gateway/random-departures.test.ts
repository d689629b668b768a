import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { RunningRequests } from '#application/gateway/running-requests';
import { chunk, DONE, usageChunk } from '#test/support/ai/openai-double';
import type { TestUser } from '#test/support/app';
import { START, STREAMED, until, UpstreamWorld } from './upstream-world.js';

const STREAMS = 500;
const AT_ONCE = 20;
const USERS = 5;
/** One token as we estimate them. */
const TOKEN = chunk({ content: 'abcd' });
const SEED = Number(process.env['MINUTEBOOK_TEST_SEED'] ?? randomInt(2 ** 31));

/** When a caller leaves: at once, before the first byte, after so many tokens, or not at all. */
type Plan =
  | { readonly leaves: 'at once' }
  | { readonly leaves: 'in silence' }
  | { readonly leaves: 'after'; readonly tokens: number }
  | { readonly leaves: 'never'; readonly tokens: number };

/** One stream as it is known at either end of the gateway. */
interface Strand {
  readonly plan: Plan;
  sent: number;
  received: number;
  /** At the provider. */
  traceId: string | null;
  response: ServerResponse | null;
}

describe(`${STREAMS} streams whose callers leave at any moment (MINUTEBOOK_TEST_SEED=${SEED})`, () => {
  const random = generator(SEED);
  const sockets = new Set<Socket>();
  const strands: Strand[] = Array.from({ length: STREAMS }, () => ({
    plan: planned(random),
    sent: 0,
    received: 0,
    traceId: null,
    response: null,
  }));
  let world: UpstreamWorld;
  let users: readonly TestUser[];
  let timersBefore: number;

  beforeAll(async () => {
    world = await UpstreamWorld.start({ connections: AT_ONCE });
    users = await Promise.all(Array.from({ length: USERS }, () => world.user()));
    world.openai.does(async (response, { body, headers }) => {
      const strand = strands[Number(body['messages'][0].content)]!;
      strand.traceId = String(headers['x-request-id']);
      strand.response = response;
      sockets.add(response.socket!);
      await streamed(strand, response);
    });
    timersBefore = timers();
    let next = 0;
    const one = async (): Promise<void> => {
      for (let n = next++; n < STREAMS; n = next++) await carried(n);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    await world.app.container.get(RunningRequests).idle();
  }, 60_000);
  afterAll(() => world?.stop());

  const carried = async (n: number): Promise<void> => {
    const strand = strands[n]!;
    const { plan } = strand;
    const caller = world.caller(users[n % USERS]!, { ...STREAMED, messages: [{ role: 'user', content: `${n}` }] });
    caller.onText((text) => {
      strand.received = text.split('"abcd"').length - 1;
      if (plan.leaves === 'after' && strand.received >= plan.tokens) caller.leave();
    });
    if (plan.leaves === 'in silence') {
      await until(() => strand.response !== null);
      caller.leave();
    } else if (plan.leaves === 'at once') {
      for (let turns = random(40); turns > 0; turns--) await setImmediate();
      caller.leave();
    }
    await caller.closed;
  };

  it('hold nothing in the end, and the books add up', async () => {
    let spent = 0;
    for (const user of users) {
      const { logs, ...books } = await world.gateway.booksOf(user);
      const left = START - logs.reduce((sum, { cost }) => sum + cost, 0);
      expect(books).toEqual({ balance: left, entries: left, held: 0, openHolds: 0 });
      spent += START - left;
    }
    expect(spent).toBeGreaterThan(0);
  });

  it('have one entry each, if they were held for at all', async () => {
    const logged = await logs();
    expect(new Set(logged.map(({ trace_id }) => trace_id)).size).toBe(logged.length);
    const [holds] = await world.app.rows<{ count: string }>('select count(*) from credit_holds');
    expect(logged).toHaveLength(Number(holds!.count));
    const known = new Set(logged.map(({ trace_id }) => trace_id));
    const asked = strands.filter(({ traceId }) => traceId !== null);
    expect(asked.filter(({ traceId }) => !known.has(traceId!))).toEqual([]);
    expect(asked.length).toBeGreaterThan(STREAMS / 2);
  });

  it('are charged every token that was delivered, and none that was not sent', async () => {
    const byTrace = new Map((await logs()).map((log) => [log.trace_id, log]));
    for (const { traceId, plan, received, sent } of strands) {
      if (traceId === null) continue;
      const { tokens, outcome, cost } = byTrace.get(traceId)!;
      expect(tokens).toBeGreaterThanOrEqual(received);
      expect(tokens).toBeLessThanOrEqual(sent);
      if (plan.leaves === 'never') expect([outcome, tokens]).toEqual(['completed', plan.tokens]);
      else expect(outcome).toBe('client_gone');
      // An input token costs 0.15 micros and one of output 0.60.
      if (received > 0) expect(cost).toBeGreaterThanOrEqual(Math.floor(0.6 * received));
    }
  });

  it('are ended at the provider', async () => {
    const asked = strands.filter(({ response }) => response !== null);
    await until(() => asked.every(({ response }) => response!.closed));
    for (const { plan, response } of asked) expect(response!.writableFinished).toBe(plan.leaves === 'never');
  });

  it('leave no timer and no connection behind', async () => {
    expect(timers()).toBeLessThan(timersBefore + AT_ONCE);
    await world.provider.close();
    await until(() => [...sockets].every(({ destroyed }) => destroyed));
  });

  const logs = () =>
    world.app.rows<{
      readonly trace_id: string;
      readonly outcome: string;
      readonly cost: number;
      readonly tokens: number;
    }>(
      `select trace_id, outcome, cost_micros::int as cost, coalesce((quantities->>'output_token')::int, 0) as tokens
         from ai_usage_logs`,
    );
});

/** A stream whose caller leaves has no end of its own. */
async function streamed(strand: Strand, response: ServerResponse): Promise<void> {
  const { plan } = strand;
  if (plan.leaves === 'in silence') return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ role: 'assistant', content: '' }));
  const most = plan.leaves === 'never' ? plan.tokens : Infinity;
  while (strand.sent < most && !response.destroyed) {
    strand.sent++;
    response.write(TOKEN);
    await setImmediate();
  }
  if (response.destroyed) return;
  const usage = { prompt_tokens: 2, completion_tokens: strand.sent, total_tokens: 2 + strand.sent };
  response.end(chunk({}, 'stop') + usageChunk(usage) + DONE);
}

function planned(random: (below: number) => number): Plan {
  const kind = random(10);
  if (kind === 0) return { leaves: 'at once' };
  if (kind === 1) return { leaves: 'in silence' };
  const tokens = 1 + random(60);
  return kind === 2 ? { leaves: 'never', tokens } : { leaves: 'after', tokens };
}

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
