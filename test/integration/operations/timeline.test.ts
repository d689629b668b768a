import { CreditLedger } from '#application/credits/credit-ledger';
import { TIMELINE_KINDS } from '#application/operations/user-timeline';
import { moneyOfCredits } from '#domain/credits/credit';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';
import { Stage } from '../stage.js';

const TIMELINE = '/api/v1/admin/users/:id/timeline';

interface Line {
  readonly at: string;
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly amount_micros: number | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

let app: TestApp;
let clock: ManualClock;
let stage: Stage;
let check: OpenApiCheck;
let root: TestUser;
let coach: TestUser;

beforeAll(async () => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  app = await TestApp.start({ clock });
  stage = new Stage(app);
  check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
  root = await app.user('coaching_school', 'admin');
  coach = await app.user('pro');
});
afterAll(() => app.stop());

async function ask(user: { readonly id: string }, query = '', as = root): Promise<Answered> {
  const answered = await app.call('GET', `${TIMELINE.replace(':id', user.id)}${query}`, { as });
  check.expectDocumented('GET', TIMELINE, answered.status, answered.body);
  return answered;
}

/** Every page, one after the other, until there is none. */
async function all(user: TestUser, query: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (let before = ''; ;) {
    const { status, body } = await ask(user, `?${query}${before}`);
    expect([status, lines.length < 1000]).toEqual([200, true]);
    lines.push(...body.data);
    if (body.next_before === null) return lines;
    before = `&before=${body.next_before}`;
  }
}

async function live(): Promise<void> {
  const as = coach;
  const deed = (path: string, body: unknown, who = root) => app.call('POST', path, { as: who, body });
  const because = { reason: 'because' };
  const ledger = app.container.get(CreditLedger);
  const credit = { type: 'purchase', category: 'paid', expiresAt: null, metadata: {}, actor: 'system' } as const;
  await ledger.grant(coach.id, { ...credit, amount: moneyOfCredits(500), key: 'one', description: 'Credit bought' });
  clock.advance(60);
  await stage.completed(coach, 90);
  clock.advance(60);
  const chat = { model: 'sandbox', messages: [{ role: 'user', content: 'Hello' }] };
  const models = (await app.call('GET', '/catalog/models?modality=chat&limit=1')).body;
  expect((await deed('/v1/chat/completions', { ...chat, model: models.data[0].id }, as)).status).toBe(200);
  clock.advance(60);
  await deed('/api/v1/payments/checkout', { package_id: 'starter' }, as);
  const { body: device } = await deed('/api/v1/devices', { name: 'phone' }, as);
  clock.advance(60);
  await app.call('DELETE', `/api/v1/devices/${device.id}`, { as });
  await deed(`/api/v1/admin/users/${coach.id}/reset-period`, because);
  await deed(`/api/v1/admin/users/${coach.id}/plan`, { ...because, plan: 'student' });
  await app.rows(
    `insert into notifications (id, user_id, kind, severity, title, message, facts, source_key, created_at)
     values (gen_random_uuid(), $1, 'budget_red', 'warning', 'T', 'M', '{}', 'k', $2)`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into subscription_steps (user_id, external_id, kind, at, facts) values ($1, 'sub_1', 'plan_changed', $2, '{"plan": "pro"}')`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into invoices (id, user_id, gateway, external_id, customer_id, number, status, currency, total, tax, amount_due, amount_paid,
                           amount_remaining, period_start, period_end, attempts, created_at, hosted_url)
     values (gen_random_uuid(), $1, 'sandbox', 'in_1', 'cus_1', 'A-1', 'paid', 'eur', 1900, 0, 1900, 1900, 0, $2, $2, 1, $2, 'https://pay.example/1')`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into refusals (id, user_id, at, code, kind, message, facts, route, request_id)
     values (gen_random_uuid(), $1, $2, 'session_limit_exceeded', 'forbidden', 'No session is left.', '{"limit": 10}', 'POST /api/v1/sessions', 'req-1')`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into page_sessions (id, user_id, scope, token_hash, created_at, expires_at, created_by)
     values (gen_random_uuid(), $1, 'billing', 'h', $2, $2::timestamptz + interval '1 hour', 'cli:test')`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into budget_alerts (budget_id, period_start, period_end, cadence, kind, limit_micros, used_micros, projected_micros, at)
     values ($1, $2, $2::timestamptz + interval '1 day', 'daily', 'orange', 100, 80, 90, $2)`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into budget_resets (id, budget_id, cause, actor, previous_limit_micros, new_limit_micros, previous_used_micros,
                                previous_start, previous_end, new_start, new_end, at)
     values (gen_random_uuid(), $1, 'reset', 'root', 100, 100, 80, $2, $2, $2, $2, $2)`,
    [coach.id, clock.now()],
  );
  await app.rows(
    `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens, estimated_micros, succeeded,
                                      metadata, actor, at)
     values (gen_random_uuid(), $1, 'r', 'tts', 'mistral', 'voice', 'speak', 7, 50, true, '{}', 'root', $2)`,
    [coach.id, clock.now()],
  );
}

describe("a user's line of time", () => {
  beforeAll(live);

  it('has an entry of every kind, with a title, the newest first', async () => {
    const { status, body } = await ask(coach, '?limit=100');
    expect([status, body.user_id, body.next_before]).toEqual([200, coach.id, null]);
    const lines = body.data as readonly Line[];
    expect([...new Set(lines.map(({ kind }) => kind))].sort()).toEqual([...TIMELINE_KINDS].sort());
    expect(lines.map(({ at }) => at)).toEqual(
      lines
        .map(({ at }) => at)
        .toSorted()
        .reverse(),
    );
    for (const { kind, title } of lines) expect([kind, title]).not.toEqual([kind, expect.stringContaining('unknown')]);
  });

  it('adds up to the balance: the amounts of its credit are those of the ledger', async () => {
    const lines = await all(coach, 'kind=credit&limit=1');
    const [account] = await app.rows<{ balance_micros: string; sequence: string }>(
      'select balance_micros, sequence from credit_accounts where user_id = $1',
      [coach.id],
    );
    const sum = lines.reduce((total, { amount_micros }) => total + amount_micros!, 0);
    expect([sum, lines.length]).toEqual([Number(account!.balance_micros), Number(account!.sequence)]);
  });

  it('says of each what its own table says', async () => {
    const { body } = await ask(coach, '?kind=transcription,ai_request,invoice,refusal,audit,period_reset&limit=100');
    const of = (kind: string) => body.data.find((line: Line) => line.kind === kind);
    const [log] = await app.rows<{ cost: number; seconds: number; session_id: string }>(
      'select cost_micros::integer as cost, counted_seconds as seconds, session_id from usage_logs where user_id = $1',
      [coach.id],
    );
    expect(of('transcription')).toMatchObject({
      amount_micros: log!.cost,
      quantity: log!.seconds,
      unit: 'seconds',
      links: { session_id: log!.session_id },
      facts: { outcome: 'completed', plan: 'pro', started_at: expect.stringMatching(/^2026-03-10T12:01:00\.000Z$/) },
    });
    expect(of('invoice')).toMatchObject({
      amount_micros: null,
      amount_minor: 1900,
      currency: 'eur',
      title: 'Invoice A-1: paid',
      links: { hosted_url: 'https://pay.example/1' },
    });
    expect(of('refusal')).toMatchObject({
      title: 'Refused: No session is left.',
      facts: { code: 'session_limit_exceeded', facts: { limit: 10 } },
      links: { request_id: 'req-1' },
    });
    expect(of('ai_request')).toMatchObject({ unit: 'tokens', facts: { outcome: 'completed', attempts: 1 } });
    const { body: charges } = await ask(coach, '?kind=credit');
    expect(charges.data.map(({ links }: { links: object }) => links)).toContainEqual(
      expect.objectContaining({ log_id: of('ai_request').id }),
    );
    expect(of('audit').links).toEqual({ actor: root.id });
  });

  it('is the same page by page as all at once, whatever the page holds', async () => {
    const whole = await all(coach, 'limit=100');
    for (const limit of [1, 3, 7]) expect(await all(coach, `limit=${limit}`)).toEqual(whole);
  });

  it('has nothing of anybody else', async () => {
    const other = await app.user('free');
    const { body } = await ask(other, '?limit=100');
    const kinds = (body.data as readonly Line[]).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['audit', 'device_created']);
  });
});

describe('entries of one instant', () => {
  it('are each on one page, 300 of them of several kinds, half of them within the same millisecond', async () => {
    const user = await app.user('free');
    for (const [table, columns, values] of [
      [
        'notifications',
        'kind, severity, title, message, facts, source_key, created_at',
        `'k', 'info', 'T', 'M', '{}', n::text, at`,
      ],
      [
        'refusals',
        'code, kind, message, facts, route, request_id, at',
        `'c', 'forbidden', 'M', '{}', 'r', n::text, at`,
      ],
      ['audit_log', 'actor, action, created_at', `'a', 'test', at`],
    ] as const) {
      await app.rows(
        `insert into ${table} (id, user_id, ${columns})
         select gen_random_uuid(), $1, ${values}
           from (select n, timestamptz '2026-02-01T00:00:00Z' + (n % 2) * (n % 5) * interval '1 microsecond' as at
                   from generate_series(1, 100) n) entries`,
        [user.id],
      );
    }
    for (const limit of [7, 50, 100]) {
      const lines = await all(user, `kind=notification,refusal,audit&limit=${limit}`);
      expect([limit, lines.length]).toEqual([limit, 301]);
      expect(new Set(lines.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(301);
    }
  });
});

describe('what is asked for wrongly', () => {
  it.each([
    ['a cursor that is none', 'before=nonsense', 'invalid_cursor'],
    ['a cursor of another shape', `before=${encoded(['1', 'credit'])}`, 'invalid_cursor'],
    ['a cursor of no kind', `before=${encoded(['1', 'cheese', 'x'])}`, 'invalid_cursor'],
    ['a cursor beyond all time', `before=${encoded(['9'.repeat(17), 'credit', 'x'])}`, 'invalid_cursor'],
    ['a cursor with a NUL in it', `before=${encoded(['1', 'credit', '\0'])}`, 'invalid_cursor'],
    ['a kind that is none', 'kind=credit,cheese', 'unknown_timeline_kind'],
    ['an empty kind', 'kind=,', 'unknown_timeline_kind'],
    ['a limit beyond 100', 'limit=101', 'validation_error'],
  ])('is refused with 422: %s', async (_, query, code) => {
    const { status, body } = await ask(coach, `?${query}`);
    expect([status, body.detail.error]).toEqual([422, code]);
  });

  it('answers 404 for a user that does not exist and for an id that is none, and 403 to who is no admin', async () => {
    for (const id of [crypto.randomUUID(), 'nobody', '%00']) {
      const { status, body } = await ask({ id });
      expect([status, body.detail.error]).toEqual([404, 'user_not_found']);
    }
    expect((await ask(coach, '', coach)).status).toBe(403);
  });
});

function encoded(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}
