import { jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RequestRates } from '#application/gateway/request-rates';
import type { TestUser } from '#test/support/app';
import { GatewayWorld } from './gateway-world.js';
import { mustBeUntouched } from './refused-requests.js';
import { until } from './upstream-world.js';

const CHAT = { model: 'sandbox-chat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 50 };

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly error: any;
}

describe('bodies that are made to hurt', () => {
  let world: GatewayWorld;
  let user: TestUser;
  let speech: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    speech = new Uint8Array(await readFile('test/fixtures/audio/short-3s.wav'));
  });
  afterAll(() => world?.stop());
  beforeEach(async () => void (user = await world.userWith(1)));

  const ask = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer> | FormData,
    headers: Readonly<Record<string, string>> = { 'Content-Type': 'application/json' },
  ): Promise<Told> => {
    const answer = await fetch(world.app.url + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${user.key}`, ...headers },
      body,
    });
    const { error } = (await answer.json()) as { error: unknown };
    return { status: answer.status, headers: answer.headers, error };
  };

  const form = (text: string | Uint8Array<ArrayBuffer>, boundary = 'zz'): Promise<Told> =>
    ask('/v1/audio/transcriptions', text, { 'Content-Type': `multipart/form-data; boundary=${boundary}` });

  const disposition = (what: string): string => `--zz\r\nContent-Disposition: form-data; ${what}\r\n\r\n`;

  it.each([
    ['in its recording', `${disposition('name="file"; filename="a.mp3"')}xxx`],
    ['in a field', `${disposition('name="model"')}whisp`],
    ['in the head of a part', '--zz\r\nContent-Disposition: form-data; na'],
    ['before its first part', 'nothing'],
    ['at once', ''],
  ])('a form that ends early %s: 422, and the process lives', async (_, text) => {
    expect(await form(text)).toMatchObject({ status: 422, error: { code: 'validation_error' } });
    expect((await world.app.call('GET', '/health/live')).status).toBe(200);
    await mustBeUntouched(world, user);
  });

  it('a form that ends early anywhere is refused', async () => {
    const whole = `${disposition('name="model"')}sandbox-transcribe\r\n${disposition('name="file"; filename="a.mp3"')}xxx\r\n--zz--`;
    const statuses = await Promise.all(
      Array.from(whole, (_, end) => form(whole.slice(0, end)).then((one) => one.status)),
    );
    expect(new Set(statuses)).toEqual(new Set([422]));
  });

  it.each([
    ['a boundary beyond 256 bytes', 'z'.repeat(300)],
    ['no boundary', '""'],
  ])('a form with %s: 422', async (_, boundary) => {
    const { status, error } = await form('--zz--', boundary);
    expect([status, error.message]).toEqual([422, expect.stringContaining('the form cannot be read')]);
  });

  it.each(['form-data', 'form-data; filename="a.mp3"'])('a part without a name (%s): 422', async (what) => {
    const part = `--zz\r\nContent-Disposition: ${what}\r\n\r\nx\r\n`;
    expect(await form(`${part}--zz--\r\n`)).toMatchObject({ status: 422 });
  });

  it.each(['True', '1', 'true', 'yes', ''])('a form whose stream is "%s": 422 that names it', async (stream) => {
    const body = new FormData();
    body.set('model', 'sandbox-transcribe');
    body.set('stream', stream);
    body.set('file', new Blob([speech]), 'a.wav');
    expect(await ask('/v1/audio/transcriptions', body, {})).toMatchObject({ status: 422, error: { param: 'stream' } });
    await mustBeUntouched(world, user);
  });

  it('a form whose stream is "false" is transcribed', async () => {
    const body = new FormData();
    body.set('model', 'sandbox-transcribe');
    body.set('stream', 'false');
    body.set('file', new Blob([speech]), 'a.wav');
    expect((await ask('/v1/audio/transcriptions', body, {})).status).toBe(200);
  });

  it.each([true, 'true', 'false', 1, {}])('a picture whose stream is %j: 422 that names it', async (stream) => {
    const body = { model: 'sandbox-image', prompt: 'A tree', size: '1024x1024', quality: 'low', stream };
    expect(await ask('/v1/images/generations', JSON.stringify(body))).toMatchObject({
      status: 422,
      error: { param: 'stream' },
    });
    await mustBeUntouched(world, user);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('a body packed with %s is not unpacked: 415 that says so', async (encoding, pack) => {
    const packed = new Uint8Array(pack(JSON.stringify(CHAT)));
    const headers = { 'Content-Type': 'multipart/form-data; boundary=zz', 'Content-Encoding': encoding };
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/images/generations', '/v1/audio/transcriptions']) {
      const { status, error, headers: told } = await ask(path, packed, headers);
      expect([path, status, told.get('accept-encoding')]).toEqual([path, 415, 'identity']);
      expect(error.message).toContain('uncompressed');
    }
    await mustBeUntouched(world, user);
  });

  it('more than 100 000 values: 422 before they are parsed', async () => {
    const many = (count: number): string => `{"model":"nope","messages":[${'{},'.repeat(count)}{}]}`;
    expect(await ask('/v1/chat/completions', many(100_000))).toMatchObject({
      status: 422,
      error: { message: expect.stringContaining('100000 values') },
    });
    const brackets = `{"model":"nope","stop":"${'[,{\\"'.repeat(100_000)}","messages":[{}]}`;
    expect(await ask('/v1/chat/completions', brackets)).toMatchObject({ status: 404 });
    expect(await ask('/v1/chat/completions', many(30_000))).toMatchObject({ status: 404 });
  });
});

describe('the limits on requests', () => {
  const A_MINUTE = 9;
  let world: GatewayWorld;
  beforeAll(async () => {
    world = await GatewayWorld.start({ aiSettings: new GatewaySettings(0, 60_000, 5_000, A_MINUTE, 2) });
  });
  afterAll(() => world?.stop());

  /** Says that a body comes, and sends no more than the first of it until it is told to. */
  const slowly = (user: TestUser) => {
    const headers = { Authorization: `Bearer ${user.key}`, 'Content-Type': 'application/json' };
    const asking = request(`${world.app.url}/v1/chat/completions`, { method: 'POST', agent: false, headers });
    asking.on('error', () => undefined);
    const status = new Promise<number>((resolve) => {
      asking.on('response', (told) => resolve(told.resume().statusCode!));
    });
    const [first, ...rest] = JSON.stringify(CHAT).split(',');
    asking.write(first!);
    return { status, goOn: () => asking.end(`,${rest.join(',')}`), leave: () => asking.destroy() };
  };

  it('count a request before its body has come', async () => {
    const user = await world.userWith(1);
    const admitted = jest.spyOn(world.app.container.get(RequestRates), 'admit');
    const [one, two] = [slowly(user), slowly(user)];
    await until(() => admitted.mock.results.length === 2);
    const third = await world.app.call('POST', '/v1/chat/completions', { as: user, body: CHAT });
    expect([third.status, third.body.error.metadata.limit]).toEqual([429, 'requests_at_once']);
    one.goOn();
    expect(await one.status).toBe(200);
    // Who leaves before the body is whole gives the place back.
    two.leave();
    await until(async () => (await world.app.call('POST', '/v1/chat/completions', { as: user })).status !== 429);
    admitted.mockRestore();
  });

  it('count requests that are refused for what they say', async () => {
    const user = await world.userWith(1);
    const statuses: number[] = [];
    for (let n = 0; n <= A_MINUTE; n++) {
      statuses.push((await world.app.call('POST', '/v1/chat/completions', { as: user, body: [] })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: A_MINUTE }, () => 422), 429]);
  });
});
