import { HttpApp } from '#interfaces/http/app';
import type { Operation } from '#interfaces/http/shared/operation';
import { TestApp } from '#test/support/app';
import { Visitor } from '../visitor.js';

/** Names that mean something to JavaScript itself. */
const OF_THE_LANGUAGE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

describe('fields that nobody asked for', () => {
  let app: TestApp;
  let user: Visitor;
  let admin: Visitor;
  let operations: readonly Operation[];
  let everyField: readonly string[];

  beforeAll(async () => {
    app = await TestApp.start();
    user = new Visitor(app, await app.user('pro'));
    admin = new Visitor(app, await app.user('free', 'admin'));
    await user.create();
    operations = app.container.get(HttpApp).operations.filter(({ access }) => access !== 'public');
    const columns = app.foundation.database.entityMetadatas.flatMap(({ columns }) => columns);
    const names = columns.flatMap(({ propertyName, databaseName }) => [propertyName, databaseName]);
    everyField = [...new Set([...names, ...OF_THE_LANGUAGE, 'is_admin', 'user', 'limits', 'balance'])];
  });
  afterAll(() => app?.stop());

  const nameOf = ({ method, path }: Operation): string => `${method.toUpperCase()} ${path}`;
  const everything = async (): Promise<unknown> =>
    Promise.all(
      ['users', 'sessions', 'holds', 'usage_logs', 'period_usage', 'audit_log'].map((table) =>
        app.rows(`select * from ${table} order by id`).catch(() => app.rows(`select * from ${table} order by 1, 2`)),
      ),
    );
  const declaredBy = (shape: Operation['body']): ReadonlySet<string> =>
    new Set(shape ? Reflect.ownKeys(new shape()).map(String) : []);

  it('are refused by every operation that changes something, each by its name, and nothing is changed', async () => {
    const before = await everything();
    const changing = operations.filter(({ method }) => method !== 'get');
    expect([changing.length > 15, everyField.length > 60]).toEqual([true, true]);
    for (const operation of changing) {
      const as = (operation.access === 'admin' ? admin : user).user;
      const path = operation.path.replace(':id', user.user.id);
      const body = `{${everyField.map((field) => `${JSON.stringify(field)}: "free"`).join(', ')}}`;
      const response = await fetch(app.url + path, {
        method: operation.method.toUpperCase(),
        headers: { Authorization: `Bearer ${as.key}`, 'Content-Type': 'application/json' },
        body,
      });
      const { detail } = (await response.json()) as {
        detail: { error: string; errors: { field: string; message: string }[] };
      };
      expect([nameOf(operation), response.status, detail.error]).toEqual([nameOf(operation), 422, 'validation_error']);
      const refused = detail.errors
        .filter(({ message }) => message.includes('is not a field'))
        .map(({ field }) => field);
      const taken = everyField.filter((field) => !refused.includes(field));
      // What is taken must be something that the operation was made for.
      expect([nameOf(operation), taken]).toEqual([
        nameOf(operation),
        taken.filter((field) => MEANT[nameOf(operation)]?.includes(field)),
      ]);
    }
    expect(await everything()).toEqual(before);
    expect(({} as { free?: unknown }).free).toBeUndefined();
  });

  it('are refused one at a time as well, beside a body that is right', async () => {
    const before = await everything();
    for (const field of [
      'user_id',
      'userId',
      'status',
      'plan',
      'role',
      'period_start',
      'duration_seconds',
      '__proto__',
    ]) {
      const body = `{"title": "Mine", ${JSON.stringify(field)}: "x"}`;
      const response = await fetch(`${app.url}/api/v1/sessions`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${user.user.key}`, 'Content-Type': 'application/json' },
        body,
      });
      const { detail } = (await response.json()) as { detail: { errors: { field: string }[] } };
      expect([response.status, detail.errors.map((error) => error.field)]).toEqual([422, [field]]);
    }
    expect(await everything()).toEqual(before);
  });

  it('are refused in the address of every question', async () => {
    for (const operation of operations.filter(({ method }) => method === 'get')) {
      const as = (operation.access === 'admin' ? admin : user).user;
      const path = operation.path.replace(':id', user.user.id);
      for (const field of ['user_id', 'role', 'sort', '__proto__']) {
        if (MEANT[nameOf(operation)]?.includes(field) || declaredBy(operation.query).has(field)) continue;
        const { status, body } = await app.call('GET', `${path}?${field}=x`, { as });
        const said = [nameOf(operation), status, body.detail.errors?.[0]?.field];
        expect(said).toEqual([nameOf(operation), 422, field]);
      }
    }
  });
});

/** The fields of entities that are a request's own. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  'POST /api/v1/sessions': ['title', 'language', 'stt_provider'],
  'PATCH /api/v1/sessions/:id': ['title', 'status'],
  'POST /api/v1/sessions/:id/upload-url': ['filename'],
  'POST /api/v1/sessions/:id/retranscribe': ['stt_provider'],
  'POST /api/v1/devices': ['name'],
  'POST /api/v1/admin/users': ['email', 'name', 'plan', 'role', 'reason'],
  'POST /api/v1/admin/users/:id/plan': ['plan'],
  'POST /api/v1/admin/users/:id/role': ['role'],
  'POST /api/v1/admin/users/:id/devices': ['name'],
  'POST /api/v1/admin/users/:id/credits/grant': ['type', 'category', 'expires_at'],
  'POST /api/v1/admin/credits/bulk-grant': ['type', 'category', 'expires_at'],
  'POST /api/v1/payments/checkout': ['package_id', 'currency', 'success_url', 'cancel_url'],
  'POST /api/v1/billing/checkout': ['success_url', 'cancel_url'],
  'POST /api/v1/billing/page-session': ['user_id'],
  'PUT /api/v1/budget/settings': ['mode'],
  'POST /api/v1/budget/estimate': ['provider', 'model'],
  'POST /api/v1/budget/admin/usage': ['user_id', 'request_id', 'provider', 'model', 'operation', 'metadata', 'at'],
  'GET /api/v1/admin/roles/audit-log': ['user_id'],
};
