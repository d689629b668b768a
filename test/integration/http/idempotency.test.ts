import { TestApp } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { Stage } from '../stage.js';
import { refusal, succeeded, Visitor } from '../visitor.js';

describe('an Idempotency-Key', () => {
  const clock = new ManualClock();
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ clock });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  const create = (visitor: Visitor, key: string, title = 'Once') =>
    visitor.post('/api/v1/sessions', { title }, { 'Idempotency-Key': key });

  it('is answered the same for ever: years later, and after the session is gone', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const first = await succeeded(create(visitor, 'for-ever'));
    expect(first.headers.get('Idempotent-Replayed')).toBeNull();
    await succeeded(visitor.delete(`/api/v1/sessions/${first.body.id}`));
    clock.advance(10 * 365 * 24 * 3600);
    const again = await create(visitor, 'for-ever');
    expect([again.status, again.body, again.headers.get('Idempotent-Replayed')]).toEqual([200, first.body, 'true']);
    expect(await stage.count('sessions', visitor.user)).toBe(1);
  });

  it('keeps a refusal that quotes what no jsonb could hold', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const remove = () =>
      app.call('DELETE', '/api/v1/sessions/%00', { as: visitor.user, headers: { 'Idempotency-Key': 'nul' } });
    expect(await refusal(remove())).toBe('404 session_not_found');
    expect((await remove()).headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('belongs to one request: another body, address or method is refused, another spelling of the same is not', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const { body } = await succeeded(create(visitor, 'mine'));
    const key = { 'Idempotency-Key': 'mine' };
    const reused = '422 idempotency_key_reused';
    expect(await refusal(create(visitor, 'mine', 'Twice'))).toBe(reused);
    expect(await refusal(visitor.post('/api/v1/devices', { name: 'Once' }, key))).toBe(reused);
    const path = `/api/v1/sessions/${body.id}`;
    expect(await refusal(app.call('DELETE', path, { as: visitor.user, headers: key }))).toBe(reused);
    const response = await fetch(`${app.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { ...key, Authorization: `Bearer ${visitor.user.key}`, 'Content-Type': 'application/json' },
      body: '{ "stt_provider": "auto",\n  "title": "Once" }',
    });
    expect([response.status, response.headers.get('Idempotent-Replayed')]).toEqual([200, 'true']);
    expect(await stage.count('sessions', visitor.user)).toBe(1);
  });

  it('belongs to one user', async () => {
    const [one, other] = [new Visitor(app, await app.user('free')), new Visitor(app, await app.user('free'))];
    const [first, second] = [await create(one, 'shared'), await create(other, 'shared')];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body.id).not.toBe(second.body.id);
  });

  it('makes deeds that change and remove happen once, and answers them alike', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const id = await visitor.create();
    const path = `/api/v1/sessions/${id}`;
    const rename = () =>
      app.call('PATCH', path, { as: visitor.user, body: { title: 'New' }, headers: { 'Idempotency-Key': 'rename' } });
    const remove = () => app.call('DELETE', path, { as: visitor.user, headers: { 'Idempotency-Key': 'remove' } });
    expect((await rename()).body.title).toBe('New');
    await succeeded(visitor.patch(path, { title: 'Newer' }));
    expect((await rename()).body.title).toBe('New');
    expect((await visitor.get(path)).body.title).toBe('Newer');
    const removed = await succeeded(remove());
    expect((await remove()).body).toEqual(removed.body);
    expect((await visitor.delete(path)).status).toBe(404);
  });

  it('keeps a refusal, and keeps no outage', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    await app.rows(`update users set plan = 'gone', version = version + 1 where id = $1`, [visitor.user.id]);
    expect(await refusal(create(visitor, 'outage'))).toBe('503 plan_unknown');
    const admin = new Visitor(app, await app.user('free', 'admin'));
    const change = (plan: string) =>
      succeeded(admin.post(`/api/v1/admin/users/${visitor.user.id}/plan`, { plan, reason: 'a test' }));
    await change('free');
    expect((await create(visitor, 'outage')).status).toBe(200);
    await stage.sessions(visitor.user, 9);
    expect(await refusal(create(visitor, 'refused'))).toBe('403 session_limit_exceeded');
    await change('pro');
    expect(await refusal(create(visitor, 'refused'))).toBe('403 session_limit_exceeded');
    expect((await create(visitor, 'another')).status).toBe(200);
  });

  it('keeps nothing of a fault, and lets the same key be tried again', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    await app.rows(
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`,
    );
    await app.rows(`create trigger fail before insert on idempotent_answers for each row execute function fail()`);
    expect(await refusal(create(visitor, 'fault'))).toBe('500 internal_error');
    await app.rows(`drop function fail() cascade`);
    // The answer could not be kept, so neither is its effect.
    expect(await stage.count('sessions', visitor.user)).toBe(0);
    expect((await create(visitor, 'fault')).headers.get('Idempotent-Replayed')).toBeNull();
    expect(await stage.counters(visitor.user)).toEqual([{ sessions: 1, seconds: 0, transcriptions: 0 }]);
  });

  it.each([
    ['is empty', ''],
    ['holds a space', 'a b'],
    ['is not ASCII', 'Ã¤'],
    ['is longer than 255 characters', 'x'.repeat(256)],
  ])('is refused when it %s', async (_, key) => {
    const visitor = new Visitor(app, await app.user('free'));
    const { status, body } = await create(visitor, key);
    expect([status, body.detail.errors?.[0].field]).toEqual([422, 'Idempotency-Key']);
    expect(await stage.count('sessions', visitor.user)).toBe(0);
  });
});
