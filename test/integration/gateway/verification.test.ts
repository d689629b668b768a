import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { AiUsageFinding, AiUsageFindingKind } from '#application/gateway/ai-usage-evidence';
import { AiSettlement } from '#application/gateway/ai-settlement';
import { AiUsageVerification } from '#application/gateway/ai-usage-verification';
import { LostRequestSweep } from '#application/gateway/lost-request-sweep';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import { ModelCatalog } from '#domain/providers/model-catalog';
import type { ModelPriceId } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import { ManualClock } from '#test/support/fakes/manual-clock';
import type { TestUser } from '#test/support/app';
import { newId } from '../../contracts/given.js';
import { GatewayWorld } from './gateway-world.js';

const HOUR = 60 * 60;

let clock: ManualClock;
let world: GatewayWorld;

beforeAll(async () => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  world = await GatewayWorld.start({ clock });
});
afterAll(() => world?.stop());

const verify = (user: TestUser | null) => world.app.container.get(AiUsageVerification).execute(user?.id ?? null);
const findingsOf = async (user: TestUser): Promise<readonly AiUsageFinding[]> => (await verify(user)).findings;
const kindsOf = async (user: TestUser): Promise<readonly AiUsageFindingKind[]> =>
  (await findingsOf(user)).map(({ kind }) => kind);

const ask = (user: TestUser, model: string, more: object = {}) =>
  world.app.call('POST', '/v1/chat/completions', {
    as: user,
    body: {
      model,
      max_tokens: 60,
      messages: [{ role: 'user', content: 'Which tree is the oldest of them all?' }],
      ...more,
    },
  });

/** A user who asked once, and the entry of that. */
async function asked(model = 'sandbox-chat'): Promise<{ user: TestUser; id: string; cost: number }> {
  const user = await world.userWith(10);
  await ask(user, model);
  const [entry] = await world.app.rows<{ id: string; cost: number }>(
    'select id, cost_micros::int as cost from ai_usage_logs where user_id = $1',
    [user.id],
  );
  return { user, ...entry! };
}

/** What a superuser with a reason of his own can do: past every trigger. */
async function tamper(sql: string, ...values: readonly unknown[]): Promise<void> {
  const pool = (world.app.foundation.database.driver as unknown as { master: Pool }).master;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    const { rowCount } = await client.query(sql, [...values]);
    if (rowCount !== 1) throw new Error(`${rowCount} rows were changed by: ${sql}`);
    await client.query('commit');
  } finally {
    client.release();
  }
}
const changedLog = (id: string, what: string) => tamper(`update ai_usage_logs set ${what} where id = $1`, id);

/** A request that was held for, and whose process was never heard of again. */
async function held(user: TestUser, micros: number) {
  const [price] = (await world.app.container.get(ModelCatalog).offer('sandbox-chat', clock.now())).targets;
  const id = newId<'AiUsageLog'>();
  const hold = await world.app.container.get(CreditLedger).hold(user.id, {
    requestId: `ai:${id}`,
    amount: Money.ofMicros(BigInt(micros)),
    description: 'sandbox-chat (chat)',
    lifetimeMs: 60_000,
    metadata: {
      ai_usage_log_id: id,
      trace_id: 'trace-of-a-test',
      endpoint: '/v1/chat/completions',
      modality: 'chat',
      streamed: false,
      requested_model: 'sandbox-chat',
      price_id: price!.id,
      markup_bp: 0,
    },
    durable: true,
  });
  return { id, hold, price: price! };
}

describe('the verification of what AI requests cost', () => {
  it('finds nothing after requests of every kind, however they ended', async () => {
    const user = await world.userWith(1000);
    const message = { role: 'user', content: 'Hello' };
    await ask(user, 'sandbox-chat');
    await ask(user, 'sandbox-chat', { stream: true });
    await ask(user, 'sandbox-chat-broken', { stream: true });
    await ask(user, 'sandbox-chat-unavailable');
    await ask(user, 'sandbox-chat-refusing');
    await ask(user, 'gpt-4o-mini');
    await world.app.call('POST', '/v1/messages', {
      as: user,
      body: { model: 'sandbox-chat', max_tokens: 9, messages: [message] },
    });
    for (const model of ['sandbox-image', 'dall-e-3']) {
      await world.app.call('POST', '/v1/images/generations', { as: user, body: { model, prompt: 'A tree', n: 1 } });
    }
    for (const model of ['sandbox-transcribe', 'gpt-4o-transcribe']) {
      const form = new FormData();
      form.set('model', model);
      form.set('file', new Blob([await readFile('test/fixtures/audio/coaching.mp3')]), 'coaching.mp3');
      const headers = { Authorization: `Bearer ${user.key}` };
      await fetch(`${world.app.url}/v1/audio/transcriptions`, { method: 'POST', headers, body: form });
    }
    const { logs, openHolds } = await world.booksOf(user);
    expect(logs.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['completed', 'cut_short', 'failed', 'refused']),
    );
    expect(
      new Set(logs.filter(({ cost }) => cost > 0).map(({ requested_model: model }) => model)).size,
    ).toBeGreaterThan(4);
    expect(openHolds).toBe(0);
    expect(await verify(user)).toEqual({ entries: logs.length, findings: [], truncated: false });
  });

  it('finds nothing in a request that was lost, nor in one that was settled late and is owed', async () => {
    const user = await world.userWith(1);
    const ledger = world.app.container.get(CreditLedger);
    const lost = await held(user, 500);
    const late = await held(user, 600);
    clock.advance(2 * HOUR);
    await ledger.tidy(user.id);
    await ledger.spend(user.id, {
      type: 'api_usage',
      amount: Money.ofMicros(BigInt((await world.booksOf(user)).balance - 50)),
      key: 'all but a little',
      description: 'Spent',
      metadata: {},
      actor: 'test',
    });
    const usage = { quantities: { input_token: 100, output_token: 900 }, source: 'provider', image: null } as const;
    const cost = late.price.costOf(usage, 0);
    const entry: AiUsageLog = {
      id: late.id,
      userId: user.id,
      requestId: late.hold.requestId,
      traceId: 'trace-of-a-test',
      endpoint: '/v1/chat/completions',
      modality: 'chat',
      streamed: false,
      requestedModel: 'sandbox-chat',
      provider: late.price.provider,
      model: late.price.model,
      usage,
      outcome: 'completed',
      attempts: [],
      held: late.hold.amount,
      cost,
      providerCost: cost,
      priceId: late.price.id,
      servedPriceId: late.price.id,
      markup: 0,
      startedAt: clock.now(),
      firstByteMs: 1,
      totalMs: 2,
    };
    expect(cost.micros).toBeGreaterThan(50n);
    expect(await world.app.container.get(AiSettlement).execute(late.hold, entry)).toBe(true);
    const owed = await world.app.rows(`select 1 from credit_transactions where key = $1`, [`debt:hold:ai:${late.id}`]);
    expect(owed).toHaveLength(1);
    clock.advance(2 * HOUR);
    expect(await world.app.container.get(LostRequestSweep).execute()).toBe(1);
    const { logs } = await world.booksOf(user);
    expect(logs.map(({ request_id: id, outcome }) => [id, outcome])).toEqual([
      [lost.hold.requestId, 'lost'],
      [late.hold.requestId, 'completed'],
    ]);
    expect(await findingsOf(user)).toEqual([]);
  });

  it('finds nothing in books that are written while it reads', async () => {
    const user = await world.userWith(1000);
    let writing = true;
    const writers = Promise.all(
      [1, 2, 3].map(async () => {
        for (let n = 0; n < 15; n++) await ask(user, 'sandbox-chat', { stream: n % 2 === 0 });
      }),
    ).finally(() => (writing = false));
    let looked = 0;
    for (; writing; looked++) expect(await findingsOf(user)).toEqual([]);
    await writers;
    expect(looked).toBeGreaterThan(0);
    expect((await verify(user)).entries).toBe(45);
  });

  it('names a cost that is not that of the quantities with their markup', async () => {
    const { user, id, cost } = await asked();
    await changedLog(id, 'markup_bp = 10000');
    expect(await findingsOf(user)).toEqual([
      {
        kind: 'ai_cost_differs',
        userId: user.id,
        id,
        stored: { cost_micros: String(cost) },
        recomputed: { cost_micros: expect.stringMatching(/^\d+$/) },
      },
    ]);
  });

  it('names what a provider asks when it is not that of the quantities', async () => {
    const { user, id, cost } = await asked();
    await changedLog(id, 'provider_cost_micros = provider_cost_micros + 1');
    expect(await findingsOf(user)).toEqual([
      {
        kind: 'ai_provider_cost_differs',
        userId: user.id,
        id,
        stored: { provider_cost_micros: String(cost + 1) },
        recomputed: { provider_cost_micros: String(cost) },
      },
    ]);
  });

  it('names quantities that were changed', async () => {
    const { user, id } = await asked();
    await changedLog(id, `quantities = '{"input_token": 1000000}'`);
    expect(await kindsOf(user)).toEqual(['ai_cost_differs', 'ai_provider_cost_differs']);
  });

  it('names a price that does not exist', async () => {
    const { user, id } = await asked();
    const missing = newId() as ModelPriceId;
    await changedLog(id, `price_id = '${missing}'`);
    expect(await findingsOf(user)).toMatchObject([
      { kind: 'ai_price_missing', id, stored: { price_id: missing }, recomputed: { price_id: null } },
    ]);
  });

  it.each(['lost', 'failed', 'refused'])('names a request that was %s and costs something', async (outcome) => {
    const { user, id } = await asked();
    await changedLog(id, `outcome = '${outcome}'`);
    const holdOfLost = outcome === 'lost' ? ['ai_hold_differs'] : [];
    expect(await kindsOf(user)).toEqual(['ai_failure_charged', ...holdOfLost]);
  });

  it.each([
    ['is settled by another amount', `settled_micros = settled_micros + 1`, 'settled'],
    ['is open', `state = 'open', settled_micros = null, closed_at = null`, 'open'],
    ['was released', `state = 'released', settled_micros = null`, 'released'],
  ])('names a hold that %s', async (_, change, state) => {
    const { user, id, cost } = await asked();
    await tamper(`update credit_holds set ${change} where user_id = $1`, user.id);
    expect(await findingsOf(user)).toEqual([
      {
        kind: 'ai_hold_differs',
        userId: user.id,
        id,
        stored: { state, settled_micros: state === 'settled' ? String(cost + 1) : null },
        recomputed: { state: 'settled', settled_micros: String(cost) },
      },
    ]);
  });

  it('names a hold that is gone', async () => {
    const { user, id } = await asked();
    await tamper('delete from credit_holds where user_id = $1', user.id);
    expect(await findingsOf(user)).toMatchObject([{ kind: 'ai_hold_differs', id, stored: { state: null } }]);
  });

  it('names a settled hold of which no entry speaks', async () => {
    const { user, id, cost } = await asked();
    await tamper('delete from ai_usage_logs where id = $1', id);
    const [hold] = await world.app.rows<{ id: string }>('select id from credit_holds where user_id = $1', [user.id]);
    expect(await findingsOf(user)).toEqual([
      {
        kind: 'ai_hold_without_log',
        userId: user.id,
        id: hold!.id,
        stored: { request_id: `ai:${id}`, settled_micros: String(cost), ai_usage_log_id: id },
        recomputed: { ai_usage_log_id: null },
      },
    ]);
  });

  it.each([
    [
      'charges another sum',
      'update credit_transactions set amount_micros = amount_micros - 3, balance_after_micros = balance_after_micros - 3',
      3,
    ],
    ['is gone', 'delete from credit_transactions', null],
  ])('names a request whose entry of the ledger %s', async (_, change, more) => {
    const { user, id, cost } = await asked();
    await tamper(`${change} where user_id = $1 and key = $2`, user.id, `hold:ai:${id}`);
    expect(await findingsOf(user)).toEqual([
      {
        kind: 'ai_charge_differs',
        userId: user.id,
        id,
        stored: { paid_micros: more === null ? null : String(cost + more), owed_micros: null },
        recomputed: { cost_micros: String(cost) },
      },
    ]);
  });

  it('looks at one user, or at everybody, a page at a time', async () => {
    const [right, wrong] = [await asked(), await asked()];
    await changedLog(wrong.id, 'provider_cost_micros = 0');
    expect(await findingsOf(right.user)).toEqual([]);
    const { entries, findings } = await verify(null);
    const [{ count }] = (await world.app.rows<{ count: number }>('select count(*)::int from ai_usage_logs')) as [
      { count: number },
    ];
    expect(entries).toBe(count);
    const named = findings.map(({ userId }) => userId);
    expect([named.includes(wrong.user.id), named.includes(right.user.id)]).toEqual([true, false]);
  });
});
