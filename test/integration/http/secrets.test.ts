import { SignJWT } from 'jose';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { Authentication } from '#application/accounts/authentication';
import { compose } from '#composition/container';
import { HmacApiKeys } from '#infrastructure/accounts/hmac-api-keys';
import { TestApp } from '#test/support/app';
import { tinyWav } from '#test/support/audio';
import { Stage } from '../stage.js';
import { succeeded, Visitor } from '../visitor.js';

describe('secrets', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  /** The whole database as text, the job queue included. */
  const dump = async (): Promise<string> => {
    const tables = await app.rows<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
    );
    const rows = [];
    for (const { name } of tables) rows.push(...(await app.rows(`select t::text from ${name} t`)));
    return JSON.stringify(rows);
  };

  it('are in no line of the log and in no row of the database, whatever is asked for with them', async () => {
    const visitor = new Visitor(app, await app.user('pro'));
    const { body: device } = await succeeded(
      visitor.post('/api/v1/devices', { name: 'phone' }, { 'Idempotency-Key': 'canary-key' }),
    );
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(visitor.user.id)
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode('a secret of thirty-two bytes, or more'));
    const id = await visitor.create();
    const { body: upload } = await succeeded(visitor.deed(id, 'upload-url', { filename: 'a.wav', file_size_mb: 1 }));
    const signature = new URL(upload.upload_url).searchParams.get('signature')!;
    await succeeded(app.upload(upload.upload_url, tinyWav(10)));
    // Used up, tampered with, cut short: what fails is logged most.
    await app.upload(upload.upload_url, tinyWav(10));
    await app.upload(upload.upload_url.replace('max_bytes=', 'max_bytes=9'), tinyWav(10));
    await succeeded(visitor.deed(id, 'confirm-upload'));
    await succeeded(visitor.deed(id, 'start-transcription'));
    await stage.work();

    const revoked = device.key as string;
    await succeeded(visitor.delete(`/api/v1/devices/${device.id}`));
    const unknown = new HmacApiKeys(app.foundation.keys).mint().secret;
    for (const credential of [revoked, unknown, token, `${token}x`, `${visitor.user.key}x`]) {
      await app.call('GET', '/api/v1/me', { headers: { Authorization: `Bearer ${credential}` } });
      await app.call('GET', `/api/v1/me?api_key=${credential}`, { as: visitor.user });
      await app.call('POST', '/api/v1/sessions', { as: visitor.user, body: { title: 'x', api_key: credential } });
      await app.call('GET', `/nowhere/${credential}`);
    }
    await app.rows(
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`,
    );
    await app.rows(`create trigger fail before insert on devices for each row execute function fail()`);
    expect((await visitor.post('/api/v1/devices', { name: 'tablet' })).status).toBe(500);
    await app.rows(`drop function fail() cascade`);

    const log = JSON.stringify(app.log.lines);
    expect(log.length).toBeGreaterThan(1000);
    const rows = await dump();
    expect(rows).toContain(visitor.user.id);
    const { pepper } = app.foundation.keys;
    for (const secret of [visitor.user.key, revoked, unknown, token, signature, pepper]) {
      expect([secret.slice(0, 8), log.includes(secret), rows.includes(secret)]).toEqual([
        secret.slice(0, 8),
        false,
        false,
      ]);
    }
  });

  it('of a device are shown once, and never listed', async () => {
    const visitor = new Visitor(app, await app.user('pro'));
    const { body } = await succeeded(visitor.post('/api/v1/devices', { name: 'phone' }));
    expect(body.key).toMatch(/^mb_test_[0-9A-Za-z]{49}$/);
    const { body: list } = await succeeded(visitor.get('/api/v1/devices'));
    expect(JSON.stringify(list)).not.toContain(body.key);
    expect(JSON.stringify(list)).not.toContain(new HmacApiKeys(app.foundation.keys).hashOf(body.key)!);
  });

  it('of a revoked key stop working here at once, and within a second everywhere else', async () => {
    const visitor = new Visitor(app, await app.user('pro'));
    const elsewhere = compose(app.foundation).get(Authentication);
    const { device, secret } = await app.container.get(DeviceRegistration).execute(visitor.user.id, 'phone');
    const phone = { id: visitor.user.id, key: secret };
    expect((await app.call('GET', '/api/v1/me', { as: phone })).status).toBe(200);
    expect(await elsewhere.execute(secret)).toMatchObject({ userId: visitor.user.id, deviceId: device.id });

    await succeeded(visitor.delete(`/api/v1/devices/${device.id}`));
    const began = performance.now();
    expect((await app.call('GET', '/api/v1/me', { as: phone })).status).toBe(401);
    while ((await elsewhere.execute(secret)) !== null) {
      if (performance.now() - began > 1000) throw new Error('A revoked key was still good after a second.');
      await app.rows('select pg_sleep(0.02)');
    }
    expect((await visitor.get('/api/v1/me')).status).toBe(200);
  });

  it('of a suspended user are good for nothing, here at once and within a second everywhere else', async () => {
    const admin = new Visitor(app, await app.user('free', 'admin'));
    const visitor = new Visitor(app, await app.user('pro'));
    const elsewhere = compose(app.foundation).get(Authentication);
    await elsewhere.execute(visitor.user.key);
    const change = (deed: string) =>
      succeeded(admin.post(`/api/v1/admin/users/${visitor.user.id}/${deed}`, { reason: 'a test' }));
    await change('suspend');
    const began = performance.now();
    const refused = await visitor.get('/api/v1/me');
    expect([refused.status, refused.body.detail.error]).toEqual([403, 'user_suspended']);
    for (;;) {
      const answered = await elsewhere.execute(visitor.user.key).catch((error: { code?: string }) => error.code);
      if (answered === 'user_suspended') break;
      if (performance.now() - began > 1000) throw new Error('A suspended user was still let in after a second.');
      await app.rows('select pg_sleep(0.02)');
    }
    await change('reinstate');
    expect((await visitor.get('/api/v1/me')).status).toBe(200);
  });
});
