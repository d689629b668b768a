import { IsInt, IsOptional, IsString } from 'class-validator';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseUnavailable } from '#application/ports/outages';
import { FileTooLarge, LimitExceeded } from '#domain/plans/plan-limits';
import { DomainException } from '#domain/shared/domain-exception';
import { Attachment, type Operation, operation, Reply } from '#interfaces/http/shared/operation';
import { RunningHttpApp } from '#test/support/http-app';

class NoteRequest {
  @IsString() text!: string;
  @IsOptional() @IsInt() times?: number;
}

class NoteResponse {
  @IsString() text!: string;
}

class Refused extends DomainException {
  constructor() {
    super('note_refused', 'No.', { count: 3 }, 'conflict');
  }
}

/** What the operations below do next, and how often they did something. */
let deed: (text: string) => Promise<unknown>;
let prepare: () => Promise<unknown>;
let done: number;
let app: RunningHttpApp;

const NOTE = { method: 'post', tag: 'notes', summary: 'Note', body: NoteRequest, answer: NoteResponse } as const;

const OPERATIONS: readonly Operation[] = [
  operation({ ...NOTE, path: '/notes', access: 'user', shownOnce: ['secret'], handle: ({ body }) => deed(body.text) }),
  operation({
    ...NOTE,
    path: '/prepared',
    access: 'user',
    prepare: () => prepare(),
    handle: ({ body, prepared }) => deed(`${body.text} ${String(prepared)}`),
  }),
  operation({ ...NOTE, path: '/open', access: 'public', handle: ({ body }) => deed(body.text) }),
  operation({ ...NOTE, path: '/operators', access: 'admin', status: 201, handle: ({ body }) => deed(body.text) }),
  operation({
    method: 'get',
    path: '/notes/:id',
    tag: 'notes',
    summary: 'Get',
    access: 'user',
    answer: NoteResponse,
    otherAnswers: { 503: NoteResponse },
    handle: async ({ params, caller }) => deed(`${caller.userId} ${params['id']}`),
  }),
];

beforeEach(async () => {
  done = 0;
  prepare = async () => 'ready';
  deed = async (text) => {
    done++;
    return { text, secret: `secret ${done}` };
  };
  app = await RunningHttpApp.start(OPERATIONS);
});
afterEach(() => app.stop());

const note = (json: unknown = { text: 'a' }, idempotencyKey?: string, key = 'user-key', path = '/notes') =>
  app.ask('POST', path, {
    key,
    json,
    ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey } }),
  });

describe('who asks', () => {
  it('must be known, unless the operation is public', async () => {
    expect((await app.ask('POST', '/notes', { json: { text: 'a' } })).status).toBe(401);
    expect((await note(undefined, undefined, 'stranger')).status).toBe(401);
    expect((await app.ask('POST', '/open', { json: { text: 'a' } })).status).toBe(200);
  });

  it('learns from a 401 how to authenticate', async () => {
    const { body, headers } = await app.ask('GET', '/notes/1');
    expect(headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(body.detail).toMatchObject({ error: 'not_authenticated', request_id: headers.get('X-Request-Id') });
  });

  it.each(['user-key', 'Basic user-key', 'Bearer', 'Bearer  user-key', ''])('is not known by "%s"', async (header) => {
    expect((await app.ask('GET', '/notes/1', { headers: { Authorization: header } })).status).toBe(401);
  });

  it('may write the scheme in any case', async () => {
    expect((await app.ask('GET', '/notes/1', { headers: { Authorization: 'bearer user-key' } })).status).toBe(200);
  });

  it('must be an admin where admins alone may', async () => {
    const { status, body } = await note({ text: 'a' }, undefined, 'user-key', '/operators');
    expect([status, body.detail.error, body.detail.role]).toEqual([403, 'admin_only', 'user']);
    expect((await note({ text: 'a' }, undefined, 'admin-key', '/operators')).status).toBe(201);
    expect(done).toBe(1);
  });

  it('is checked before what was sent', async () => {
    expect((await app.ask('POST', '/notes', { json: { wrong: true } })).status).toBe(401);
  });
});

describe('what is asked', () => {
  it('must have the shape that the operation declares', async () => {
    const { status, body } = await note({ text: 7, more: 1 });
    expect([status, body.detail.error, body.detail.errors[0].field]).toEqual([422, 'validation_error', 'more']);
    expect(done).toBe(0);
  });

  it('must not carry a query where none is declared', async () => {
    const { status, body } = await note({ text: 'a' }, undefined, 'user-key', '/notes?text=b');
    expect([status, body.detail.errors[0].field]).toEqual([422, 'text']);
  });

  it('must be JSON: a body of another kind is refused, not taken for none', async () => {
    const sent = { key: 'user-key', raw: 'text=a', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    const { status, body } = await app.ask('POST', '/notes', sent);
    expect([status, body.detail.error]).toEqual([415, 'unsupported_media_type']);
  });

  it('may be answered with text, to be shown or to be downloaded', async () => {
    deed = async () => new Attachment('text/vtt; charset=utf-8', 'attachment; filename="a.vtt"', 'WEBVTT');
    const file = await app.ask('GET', '/notes/1', { key: 'user-key' });
    expect([file.text, file.headers.get('Content-Type')]).toEqual(['WEBVTT', 'text/vtt; charset=utf-8']);
    expect(file.headers.get('Content-Disposition')).toBe('attachment; filename="a.vtt"');

    deed = async () => new Attachment('text/plain', null, 'shown');
    expect((await app.ask('GET', '/notes/1', { key: 'user-key' })).headers.get('Content-Disposition')).toBeNull();
  });

  it('may be answered with another status than usual', async () => {
    deed = async () => new Reply(503, { text: 'later' });
    const { status, body } = await app.ask('GET', '/notes/1', { key: 'user-key' });
    expect([status, body]).toEqual([503, { text: 'later' }]);
  });
});

describe('a request with an Idempotency-Key', () => {
  it('happens once, and is given the first answer again', async () => {
    const first = await note({ text: 'a' }, 'key-1');
    const second = await note({ text: 'a' }, 'key-1');
    expect([second.status, second.body.text, done]).toEqual([200, 'a', 1]);
    expect([first, second].map(({ headers }) => headers.get('Idempotent-Replayed'))).toEqual([null, 'true']);
  });

  it('is the same however its fields are ordered and spaced', async () => {
    await note({ text: 'a', times: 1 }, 'key-1');
    const raw = '{ "times": 1,\n "text": "a" }';
    const again = await app.ask('POST', '/notes', { key: 'user-key', raw, headers: { 'Idempotency-Key': 'key-1' } });
    expect([again.status, again.headers.get('Idempotent-Replayed'), done]).toEqual([200, 'true', 1]);
  });

  it.each([
    ['another body', { text: 'b' }, '/notes'],
    ['another address', { text: 'a' }, '/prepared'],
  ])('is refused when the key was used for %s', async (_, json, path) => {
    await note({ text: 'a' }, 'key-1');
    const { status, body } = await note(json, 'key-1', 'user-key', path);
    expect([status, body.detail.error, done]).toEqual([422, 'idempotency_key_reused', 1]);
  });

  it('does not share its key with another user', async () => {
    await note({ text: 'a' }, 'key-1');
    const { status, headers } = await note({ text: 'b' }, 'key-1', 'other-key');
    expect([status, headers.get('Idempotent-Replayed'), done]).toEqual([200, null, 2]);
  });

  it('is told to come back while the first is still running', async () => {
    let finish = (): void => undefined;
    const started = new Promise<void>((begun) => {
      deed = () => {
        done++;
        begun();
        return new Promise((resolve) => (finish = () => resolve({ text: 'a' })));
      };
    });
    const first = note({ text: 'a' }, 'key-1');
    await started;
    const second = await note({ text: 'a' }, 'key-1');
    finish();
    expect([second.status, second.body.detail.error]).toEqual([409, 'idempotency_key_in_use']);
    expect(second.headers.get('Retry-After')).toBe('1');
    expect([(await first).status, done]).toEqual([200, 1]);
    expect((await note({ text: 'a' }, 'key-1')).headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('is given the same refusal again: what the rules decided is kept', async () => {
    deed = async () => {
      done++;
      throw new Refused();
    };
    const first = await note({ text: 'a' }, 'key-1');
    const second = await note({ text: 'a' }, 'key-1');
    expect([first.status, second.status, done]).toEqual([409, 409, 1]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('undoes what a refused deed had written', async () => {
    const rows = app.transaction.table<string>('rows');
    deed = async () => {
      rows.put('row', 'written');
      throw new Refused();
    };
    await note({ text: 'a' }, 'key-1');
    expect(rows.all()).toEqual([]);
  });

  it.each([
    ['an outage', () => new DatabaseUnavailable(), 503],
    ['a fault', () => new Error('bug'), 500],
  ])('is tried again after %s, which decides nothing', async (_, fault, status) => {
    deed = async () => {
      done++;
      throw fault();
    };
    expect((await note({ text: 'a' }, 'key-1')).status).toBe(status);
    deed = async () => ({ text: `after ${done}` });
    const again = await note({ text: 'a' }, 'key-1');
    expect([again.status, again.body.text, again.headers.get('Idempotent-Replayed')]).toEqual([200, 'after 1', null]);
  });

  it('is not kept when its shape was wrong', async () => {
    expect((await note({ text: 7 }, 'key-1')).status).toBe(422);
    expect((await note({ text: 'a' }, 'key-1')).status).toBe(200);
  });

  it('shows a secret once and keeps none', async () => {
    const first = await note({ text: 'a' }, 'key-1');
    const second = await note({ text: 'a' }, 'key-1');
    expect([first.body.secret, second.body.secret]).toEqual(['secret 1', null]);
    const kept = app.transaction.table<object>('idempotent_answers').all();
    expect(JSON.stringify(kept)).not.toContain('secret 1');
  });

  it('prepares outside the deciding transaction, and only when nothing is kept yet', async () => {
    let prepared = 0;
    prepare = async () => {
      prepared++;
      return app.transaction.isRunning ? 'inside' : 'outside';
    };
    expect((await note({ text: 'a' }, 'key-1', 'user-key', '/prepared')).body.text).toBe('a outside');
    await note({ text: 'a' }, 'key-1', 'user-key', '/prepared');
    expect(prepared).toBe(1);
  });

  it('keeps a refusal of the preparation too', async () => {
    prepare = async () => {
      done++;
      await pause(1);
      throw new Refused();
    };
    const first = await note({ text: 'a' }, 'key-1', 'user-key', '/prepared');
    const second = await note({ text: 'a' }, 'key-1', 'user-key', '/prepared');
    expect([first.status, second.status, done]).toEqual([409, 409, 1]);
  });

  it.each(['', 'with space', 'ümlaut', 'x'.repeat(256)])('is refused with the key "%s"', async (key) => {
    const sent = encodeURIComponent(key) === key ? key : Buffer.from(key, 'utf8').toString('latin1');
    const { status, body } = await note({ text: 'a' }, sent);
    expect([status, body.detail.errors[0].field]).toEqual([422, 'Idempotency-Key']);
  });

  it('means nothing on a question, nor where nobody is known', async () => {
    const headers = { 'Idempotency-Key': 'key-1' };
    for (let i = 0; i < 2; i++) {
      await app.ask('GET', '/notes/1', { key: 'user-key', headers });
      await app.ask('POST', '/open', { json: { text: 'a' }, headers });
    }
    expect(done).toBe(4);
  });
});

describe('refusals by a limit', () => {
  it.each([
    ['with', 'key-1'],
    ['without', undefined],
  ])('are counted by their code, %s an Idempotency-Key', async (_, key) => {
    deed = async () => {
      throw new LimitExceeded('session_limit_exceeded', 'No.', {});
    };
    await note({ text: 'a' }, key);
    expect(app.telemetry.counted).toContain('limitRefused session_limit_exceeded');
  });

  it('are not counted when they are replayed', async () => {
    deed = async () => {
      throw new FileTooLarge('free', 2, 1);
    };
    await note({ text: 'a' }, 'key-1');
    await note({ text: 'a' }, 'key-1');
    expect(app.telemetry.counted.filter((line) => line === 'limitRefused file_size_exceeded')).toHaveLength(1);
  });

  it('are something else than other refusals, which are not counted among them', async () => {
    deed = async () => {
      throw new Refused();
    };
    await note();
    expect(app.telemetry.counted.filter((line) => line.startsWith('limitRefused'))).toEqual([]);
  });
});
