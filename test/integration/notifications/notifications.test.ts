import { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { Transaction } from '#application/ports/transaction';
import { MUTABLE_KINDS, type NotificationKind, type NotificationSeverity } from '#domain/notifications/notification';
import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';

const LIST = '/api/v1/notifications';
const PREFERENCES = '/api/v1/notifications/preferences';

describe('notifications', () => {
  let app: TestApp;
  const clock = new ManualClock('2026-03-10T12:00:00.000Z');

  beforeAll(async () => {
    app = await TestApp.start({ clock });
  });
  afterAll(() => app?.stop());

  const tell = async (
    user: TestUser,
    sourceKey: string,
    kind: NotificationKind = 'budget_red',
    severity: NotificationSeverity = 'warning',
  ): Promise<void> => {
    clock.advance(1);
    const tidings = { kind, severity, title: 'A title', message: sourceKey, facts: { n: 1 }, sourceKey };
    await app.container.get(Transaction).run(() => app.container.get(NotificationDispatch).tell(user.id, tidings));
  };
  const get = async (user: TestUser, path: string) => (await app.call('GET', path, { as: user })).body;
  const messages = (body: { data: { message: string }[] }) => body.data.map(({ message }) => message);

  it('are listed newest first, in parts, to their own user', async () => {
    const [user, stranger] = [await app.user(), await app.user()];
    for (const key of ['first', 'second', 'third']) await tell(user, key);
    const body = await get(user, `${LIST}?limit=2`);
    expect(body).toMatchObject({ total: 3, has_more: true });
    expect(messages(body)).toEqual(['third', 'second']);
    const rest = await get(user, `${LIST}?limit=2&offset=2`);
    expect([messages(rest), rest.has_more]).toEqual([['first'], false]);
    expect(await get(stranger, LIST)).toEqual({ data: [], total: 0, has_more: false });
  });

  it('stay read since they were read first, and leave the unread', async () => {
    const user = await app.user();
    for (const key of ['one', 'other']) await tell(user, key);
    const [other] = (await get(user, LIST)).data;
    clock.advance(60);
    const read = await app.call('POST', `${LIST}/${other.id}/read`, { as: user });
    expect([read.status, read.body]).toEqual([200, { ...other, read_at: clock.now().toISOString() }]);
    clock.advance(60);
    const again = await app.call('POST', `${LIST}/${other.id}/read`, { as: user });
    expect([again.status, again.body]).toEqual([200, read.body]);
    const unread = await get(user, `${LIST}?unread_only=true`);
    expect([messages(unread), unread.total]).toEqual([['one'], 1]);
    expect((await get(user, `${LIST}?unread_only=false`)).total).toBe(2);
  });

  it('of somebody else cannot be read, and are not there at all', async () => {
    const [owner, stranger] = [await app.user(), await app.user('free', 'admin')];
    await tell(owner, 'mine');
    const [mine] = (await get(owner, LIST)).data;
    for (const id of [mine.id, crypto.randomUUID(), 'not-an-id']) {
      const { status, body } = await app.call('POST', `${LIST}/${id}/read`, { as: stranger });
      expect([status, body.detail.error]).toEqual([404, 'notification_not_found']);
    }
    expect((await get(owner, LIST)).data).toEqual([mine]);
  });

  it('are not told of what their user muted, unless it is critical', async () => {
    const user = await app.user();
    expect(await get(user, PREFERENCES)).toEqual({ muted_kinds: [], mutable_kinds: [...MUTABLE_KINDS] });
    const muted_kinds = ['budget_forecast', 'budget_red'];
    const { status, body } = await app.call('PUT', PREFERENCES, { as: user, body: { muted_kinds } });
    expect([status, body.muted_kinds]).toEqual([200, ['budget_red', 'budget_forecast']]);
    expect(await get(user, PREFERENCES)).toEqual(body);
    await tell(user, 'muted', 'budget_red');
    await tell(user, 'not muted', 'budget_orange');
    await tell(user, 'critical', 'budget_critical', 'critical');
    expect(messages(await get(user, LIST))).toEqual(['critical', 'not muted']);
    await app.call('PUT', PREFERENCES, { as: user, body: { muted_kinds: [] } });
    await tell(user, 'again', 'budget_red');
    expect(messages(await get(user, LIST))).toEqual(['again', 'critical', 'not muted']);
  });

  it.each([
    [{ muted_kinds: ['budget_critical'] }, 'what is critical cannot be muted'],
    [{ muted_kinds: ['global_budget_critical'] }, 'what is critical cannot be muted'],
    [{ muted_kinds: ['unheard_of'] }, 'must be one of'],
    [{ muted_kinds: 'budget_red' }, 'must be an array'],
    [{}, 'muted_kinds'],
  ])('refuse the preferences %j, by the field', async (given, said) => {
    const user = await app.user();
    const { status, body } = await app.call('PUT', PREFERENCES, { as: user, body: given });
    expect(status).toBe(422);
    const problems = (body.detail.errors as { field: string; message: string }[]).filter(({ message }) =>
      message.includes(said),
    );
    expect(problems.map(({ field }) => field)).toContain('muted_kinds');
    expect((await get(user, PREFERENCES)).muted_kinds).toEqual([]);
  });

  it.each([
    ['GET', LIST],
    ['POST', `${LIST}/00000000-0000-7000-8000-000000000001/read`],
    ['GET', PREFERENCES],
    ['PUT', PREFERENCES],
  ])('answer nobody who does not say who asks: %s %s', async (method, path) => {
    expect((await app.call(method, path)).status).toBe(401);
  });

  it('take no other filter than they know', async () => {
    const user = await app.user();
    for (const query of ['unread_only=perhaps', 'limit=0', 'limit=101', 'unread=true']) {
      expect((await app.call('GET', `${LIST}?${query}`, { as: user })).status).toBe(422);
    }
  });
});
