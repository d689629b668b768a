import { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { Transaction } from '#application/ports/transaction';
import type { SessionId } from '#domain/sessions/session';
import { HttpApp } from '#interfaces/http/app';
import type { Operation } from '#interfaces/http/shared/operation';
import { TestApp } from '#test/support/app';
import { Stage } from '../stage.js';
import { succeeded, Visitor } from '../visitor.js';

/** What an operation wants to hear, so that nothing but its owner stands between the request and the deed. */
type Bodies = Readonly<Record<string, unknown>>;

describe('who may do what', () => {
  let app: TestApp;
  let stage: Stage;
  let owner: Visitor;
  let stranger: Visitor;
  let admin: Visitor;
  let operations: readonly Operation[];
  /** Things of the owner's, by the collection that they are in. */
  let things: Readonly<Record<string, string>>;
  let bodies: Bodies;

  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
    operations = app.container.get(HttpApp).operations;
    owner = new Visitor(app, await app.user('pro'));
    stranger = new Visitor(app, await app.user('pro'));
    admin = new Visitor(app, await app.user('free', 'admin'));
    const session: SessionId = await owner.started(10);
    await stage.work();
    const { body: device } = await succeeded(owner.post('/api/v1/devices', { name: 'phone' }));
    const { body: transcript } = await succeeded(owner.get(`/api/v1/sessions/${session}/transcript`));
    const segment: string = transcript.segments[0].id;
    const { body: checkout } = await succeeded(owner.post('/api/v1/payments/checkout', { package_id: 'starter' }));
    const tidings = {
      kind: 'budget_red',
      severity: 'warning',
      title: 'T',
      message: 'M',
      facts: {},
      sourceKey: 'a test',
    } as const;
    const dispatch = app.container.get(NotificationDispatch);
    await app.container.get(Transaction).run(() => dispatch.tell(owner.user.id, tidings));
    const { body: told } = await succeeded(owner.get('/api/v1/notifications'));
    things = {
      sessions: session,
      devices: device.id,
      payments: checkout.payment_id,
      users: owner.user.id,
      notifications: told.data[0].id,
    };
    bodies = {
      'PATCH /api/v1/sessions/:id': { title: 'Mine now' },
      'POST /api/v1/sessions/:id/upload-url': { filename: 'a.wav', file_size_mb: 1 },
      'POST /api/v1/sessions/:id/retranscribe': { confirm_cost: true },
      'PATCH /api/v1/sessions/:id/speaker-roles': { speaker_roles: { 1: 'unknown' } },
      'PATCH /api/v1/sessions/:id/segment-roles': { segment_roles: { [segment]: 'unknown' } },
      'PATCH /api/v1/sessions/:id/segment-content': { segment_content: { [segment]: 'Mine now.' } },
    };
  });
  afterAll(() => app?.stop());

  const nameOf = ({ method, path }: Operation): string => `${method.toUpperCase()} ${path}`;
  const collectionOf = ({ path }: Operation): string => path.split('/').at(path.split('/').indexOf(':id') - 1)!;
  const call = (operation: Operation, id: string, visitor: Visitor | null) =>
    app.call(operation.method.toUpperCase(), operation.path.replace(':id', id), {
      ...(visitor && { as: visitor.user }),
      body: bodies[nameOf(operation)],
    });

  /** Everything the owner has, and nothing that time alone changes. */
  const possessions = async (): Promise<unknown> =>
    Promise.all(
      ['sessions', 'devices', 'holds', 'usage_logs', 'period_usage', 'transcription_attempts'].map((table) =>
        app.rows(`select to_jsonb(t) - 'last_seen_at' as row from ${table} t where user_id = $1 order by 1`, [
          owner.user.id,
        ]),
      ),
    );

  it('knows what every operation on a thing wants to hear', () => {
    const ofThings = operations.filter(({ access, path }) => access === 'user' && path.includes(':'));
    expect(ofThings.length).toBeGreaterThan(12);
    for (const operation of ofThings) expect(Object.keys(things)).toContain(collectionOf(operation));
    const withFields = ofThings.filter(({ body }) => body !== undefined).map(nameOf);
    expect(Object.keys(bodies).sort()).toEqual(withFields.sort());
  });

  it('answers a foreign thing like a missing one, by every operation, and leaves it as it is', async () => {
    const before = await possessions();
    const missing = crypto.randomUUID();
    for (const operation of operations.filter(({ access, path }) => access === 'user' && path.includes(':id'))) {
      const thing = things[collectionOf(operation)]!;
      const said: string[] = [];
      for (const id of [thing, missing, thing.toUpperCase(), 'not-an-id', '%00', `${thing}%20`]) {
        const { status, body } = await call(operation, id, stranger);
        expect([nameOf(operation), id, status]).toEqual([nameOf(operation), id, 404]);
        said.push(withoutNames(body.detail as Record<string, unknown>, [decodeURIComponent(id), thing]));
      }
      expect([nameOf(operation), new Set(said).size]).toEqual([nameOf(operation), 1]);
    }
    expect(await possessions()).toEqual(before);
  });

  it('answers the owner of the same thing otherwise', async () => {
    const reading = operations.filter(
      ({ access, path, method }) => access === 'user' && path.includes(':id') && method === 'get',
    );
    for (const operation of reading) {
      const { status } = await call(operation, things[collectionOf(operation)]!, owner);
      expect([nameOf(operation), status]).toEqual([nameOf(operation), 200]);
    }
    const writing = operations.filter(
      ({ access, path, method }) => access === 'user' && path.includes(':id') && method !== 'get',
    );
    for (const operation of writing.sort(
      (one, other) => Number(one.method === 'delete') - Number(other.method === 'delete'),
    )) {
      const { status } = await call(operation, things[collectionOf(operation)]!, owner);
      expect([nameOf(operation), status === 404]).toEqual([nameOf(operation), false]);
    }
  });

  it('lists nothing of anybody else', async () => {
    for (const { path } of operations.filter(
      ({ access, method, path }) => access === 'user' && method === 'get' && !path.includes(':'),
    )) {
      const { status, body } = await stranger.get(path);
      expect([path, status === 200 || status === 422]).toEqual([path, true]);
      for (const foreign of [things['sessions'], things['devices'], owner.user.id]) {
        expect([path, JSON.stringify(body).includes(foreign!)]).toEqual([path, false]);
      }
    }
  });

  it('lets an operator alone operate', async () => {
    const operating = operations.filter(({ access }) => access === 'admin');
    expect(operating.length).toBeGreaterThan(5);
    for (const operation of operating) {
      const { status, body } = await call(operation, owner.user.id, stranger);
      expect([nameOf(operation), status, body.detail.error]).toEqual([nameOf(operation), 403, 'admin_only']);
    }
    expect((await admin.get(`/api/v1/admin/users/${owner.user.id}`)).status).toBe(200);
  });

  it.each([
    ['nothing', {}],
    ['an unknown key', { Authorization: `Bearer mb_test_${'0'.repeat(49)}` }],
    ['a key in the wrong place', { Authorization: 'Basic abc' }],
    ['a token signed by nobody', { Authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }],
  ])('answers 401 to %s, before anything else is said', async (_, headers) => {
    for (const operation of operations.filter(({ access }) => access !== 'public')) {
      const { status, headers: answered } = await app.call(
        operation.method.toUpperCase(),
        operation.path.replace(':id', things['sessions']!),
        { headers, ...(operation.method !== 'get' && { body: { nonsense: true } }) },
      );
      const said = [nameOf(operation), status, answered.get('WWW-Authenticate') !== null];
      expect(said).toEqual([nameOf(operation), 401, true]);
    }
  });
});

/** What was said, apart from which thing and which request it was said of. */
function withoutNames(detail: Readonly<Record<string, unknown>>, ids: readonly string[]): string {
  const said = JSON.stringify({ ...detail, request_id: null });
  return ids.reduce((text, id) => text.replaceAll(JSON.stringify(id).slice(1, -1), '<id>'), said);
}
