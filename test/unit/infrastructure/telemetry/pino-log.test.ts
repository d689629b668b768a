import type { DestinationStream } from 'pino';
import { IsOptional, IsString } from 'class-validator';
import { PinoLog } from '#infrastructure/telemetry/pino-log';
import { redacted } from '#infrastructure/telemetry/redaction';
import { operation } from '#interfaces/http/shared/operation';
import { RunningHttpApp } from '#test/support/http-app';

function keptLog(level = 'info') {
  const lines: string[] = [];
  return { lines, log: new PinoLog(level, { write: (line: string) => void lines.push(line) }) };
}

const parsed = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, never>;

describe('a line of the log', () => {
  it('is one JSON object with level, time, fields and message', () => {
    const { lines, log } = keptLog();
    log.info({ request_id: 'abc', status: 200 }, 'request');
    expect(lines).toHaveLength(1);
    expect(parsed(lines[0])).toMatchObject({ level: 'info', request_id: 'abc', status: 200, msg: 'request' });
    expect(parsed(lines[0])['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('is written from its level on', () => {
    const { lines, log } = keptLog('error');
    log.info({}, 'quiet');
    log.warn({}, 'quiet');
    log.error(new Error('loud'), {}, 'failed');
    expect(lines.map((line) => parsed(line)['level'])).toEqual(['error']);
  });

  it('tells an error with its code, stack and causes', () => {
    const { lines, log } = keptLog();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    log.error(new TypeError('no answer', { cause: new AggregateError([cause], 'all failed') }), { job: 'x' }, 'failed');
    const { error, job } = parsed(lines[0]) as unknown as { job: string; error: Record<string, never> };
    expect(job).toBe('x');
    expect(error).toMatchObject({
      type: 'TypeError',
      message: 'no answer',
      cause: { message: 'all failed', errors: [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }] },
    });
    expect(error['stack']).toContain('pino-log.test');
  });

  it('tells nothing else that hangs on an error: drivers keep statements and values there', () => {
    const { lines, log } = keptLog();
    log.error(
      Object.assign(new Error('insert failed'), { parameters: ['private words'], query: 'insert …' }),
      {},
      'failed',
    );
    expect(lines[0]).not.toContain('private words');
  });

  it('survives errors that cause themselves, and things thrown that are no errors', () => {
    const { lines, log } = keptLog();
    const circular = new Error('again');
    circular.cause = circular;
    log.error(circular, {}, 'failed');
    log.error('a text', {}, 'failed');
    log.error(undefined, {}, 'failed');
    expect(lines).toHaveLength(3);
    expect(parsed(lines[1])['error']).toEqual({ type: 'string', message: "'a text'" });
  });
});

const MB = `mb_live_${'Ab3'.repeat(16)}Z`;
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.SflKxwRJSMeKKF2QT4fw';

describe('what looks like a secret', () => {
  it.each([
    ['an API key of ours', MB, 'mb_live_'],
    ['a piece of one', MB.slice(0, 30), 'mb_live_'],
    ['a token', JWT, 'eyJ'],
    ['a key of Stripe', 'sk_live_51H8abcdefgh', 'sk_live_'],
    ['a webhook secret', 'whsec_0123456789abcdef', 'whsec_'],
    ['a key of a provider', 'sk-proj-0123456789abcdef', 'sk-'],
  ])('is taken out wherever it stands: %s', (_, secret, left) => {
    const { lines, log } = keptLog();
    log.info({ [`field ${secret}`]: secret, deep: { list: [`in words ${secret}, and more`] } }, `said ${secret}`);
    log.error(new Error(`about ${secret}`), {}, 'failed');
    expect(lines.join('')).not.toContain(secret.slice(left.length));
    expect(parsed(lines[0])['msg']).toBe(`said ${left}[redacted]`);
  });

  it.each([
    ['authorization', 'Basic dXNlcjpwYXNz'],
    ['Authorization', 'Bearer opaque-credential'],
    ['x-api-key', 'anything'],
    ['cookie', 'session=abc; other="quoted"'],
    ['set-cookie', ['session=abc; HttpOnly', 'more=def']],
    ['password', 'with "quotes" and \\ and ]'],
    ['signature', 'MEUCIQDabc'],
    ['secret', 'hunter2'],
  ])('is taken out by the name of its field: %s', (name, value) => {
    const { lines, log } = keptLog();
    log.info({ headers: { [name]: value, after: 'kept' } }, 'request');
    expect(parsed(lines[0])['headers']).toEqual({ [name]: '[redacted]', after: 'kept' });
  });

  it('is taken out of JSON that is quoted in a text', () => {
    const { lines, log } = keptLog();
    log.info({}, `body was ${JSON.stringify({ password: 'hunter2', note: 'kept' })}`);
    expect(parsed(lines[0])['msg']).toBe('body was {"password":"[redacted]","note":"kept"}');
  });

  it.each([
    ['https://s3.example.com/a?X-Amz-Signature=abc123&x=1', 'https://s3.example.com/a?X-Amz-Signature=[redacted]&x=1'],
    ['/uploads/key?expires=1&signature=abc123', '/uploads/key?expires=1&signature=[redacted]'],
    ['postgres://minutebook:pass@db:5432/x', 'postgres://minutebook:[redacted]@db:5432/x'],
    ['Authorization: Bearer opaque', 'Authorization: Bearer [redacted]'],
    ['Set-Cookie: a=b; c=d', 'Set-Cookie: [redacted]'],
  ])('is taken out of %s', (text, without) => {
    const { lines, log } = keptLog();
    log.info({ text }, 'seen');
    expect(parsed(lines[0])['text']).toBe(without);
  });

  it('is nothing else: ids, routes and numbers stay', () => {
    const line = JSON.stringify({
      request_id: '018f4e9a-0000-7000-8000-000000000001',
      route: '/api/v1/sessions/:id/upload-url',
      upload_key: 'u/s/1.mp3',
      message: 'a bearer of good news, tasks-12345678 and risk',
      status: 200,
    });
    expect(redacted(line.replace('a bearer of good news', 'good news'))).toContain('tasks-12345678 and risk');
    expect(parsed(redacted(line))).toMatchObject({ upload_key: 'u/s/1.mp3', status: 200 });
  });
});

class CanaryRequest {
  @IsString() text!: string;
  @IsOptional() @IsString() other?: string;
}

class CanaryQuery {
  @IsOptional() @IsString() q?: string;
}

class CanaryResponse {
  @IsString() text!: string;
}

describe('the canary', () => {
  const fails = operation({
    method: 'post',
    path: '/canary/:id',
    tag: 'canary',
    summary: 'Fail with everything that was sent',
    access: 'user',
    body: CanaryRequest,
    query: CanaryQuery,
    answer: CanaryResponse,
    handle: async ({ params, body, query, request }) => {
      const everything = JSON.stringify({ params, body, query, headers: request.headers, raw: request.rawHeaders });
      throw new Error(`failed on ${everything}`, { cause: new Error(`because of ${body.text}`) });
    },
  });

  it('is in no line, wherever in a request a secret was planted', async () => {
    const { lines, log } = keptLog('trace');
    const app = await RunningHttpApp.start([fails], { log });
    const marks = [0, 1, 2, 3, 4, 5, 6, 7].map((mark) => `CANARY${mark}${'x'.repeat(36)}`);
    const planted = marks.map((mark) => `mb_live_${mark}${'0'.repeat(49 - mark.length)}`);
    const [inPath, inQuery, inText, inOther, inId, inCookie, inSignature, inKey] = planted;
    const headers = {
      'X-Request-Id': inId!,
      Cookie: `session=${inCookie}`,
      'X-Signature': inSignature!,
      'Idempotency-Key': inKey!,
      'User-Agent': `agent ${inQuery}`,
    };
    const json = { text: inText, other: inOther };
    try {
      await app.ask('POST', `/canary/${inPath}?q=${inQuery}`, { key: 'user-key', json, headers });
      await app.ask('POST', `/canary/${inPath}?q=${inQuery}`, { key: planted[0]!, json, headers });
      await app.ask('POST', `/nowhere/${inPath}?signature=${inQuery}`, { key: 'user-key', json, headers });
      await app.ask('POST', `/canary/${inPath}`, { key: 'user-key', raw: `{"text": "${inText}", ${inOther}`, headers });
      await app.ask('POST', `/canary/${inPath}`, { key: 'user-key', json: { [inText!]: inOther }, headers });
      await app.ask(`PUT`, `/canary/${inPath}`, { headers: { ...headers, Authorization: `Basic ${inText}` } });
    } finally {
      await app.stop();
    }
    expect(lines.length).toBeGreaterThanOrEqual(7);
    expect(lines.some((line) => line.includes('failed on'))).toBe(true);
    for (const line of lines) {
      expect(() => void JSON.parse(line)).not.toThrow();
      expect(line).not.toMatch(/CANARY/);
    }
  });

  const flushing = (error: Error | null | undefined): Promise<void> =>
    new PinoLog('info', {
      write: () => undefined,
      flush: (done: (error?: Error | null) => void) => done(error),
    } as DestinationStream).flush();

  it.each([
    ['a file', undefined],
    ['a file, as sonic-boom reports it', null],
    ['a pipe, which cannot be synced', Object.assign(new Error('fsync'), { code: 'EINVAL' })],
  ])('is flushed to %s', async (_where, error) => {
    await expect(flushing(error)).resolves.toBeUndefined();
  });

  it('says so when its lines could not be written', async () => {
    await expect(flushing(Object.assign(new Error('disk full'), { code: 'ENOSPC' }))).rejects.toThrow('disk full');
  });
});
