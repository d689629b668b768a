import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { UploadClaim } from '#application/sessions/upload-receiver';
import { DomainException } from '#domain/shared/domain-exception';
import { DiskUploadSettings, DiskUploadStorage, uploadSigningKey } from '#infrastructure/sessions/disk-upload-storage';
import { Signal } from '#test/support/signal';

const KEY = '6f0c1f9e/3b1d/9a77.wav';
const NOW = new Date('2026-11-20T12:00:00.000Z');
const EXPIRES = new Date('2026-11-20T12:15:00.000Z');

let directory: string;
let storage: DiskUploadStorage;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'uploads-')), 'recordings');
  storage = new DiskUploadStorage(
    new DiskUploadSettings(directory, 'https://api.example.com/', uploadSigningKey('pepper')),
  );
});

afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

/** Every file below the directory, partial ones included. */
async function files(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function claimOf(url: string, method = 'PUT'): UploadClaim {
  const { pathname, searchParams } = new URL(url);
  return {
    method,
    key: decodeURIComponent(pathname.replace('/uploads/', '')),
    expires: Number(searchParams.get('expires')),
    maxBytes: Number(searchParams.get('max_bytes')),
    signature: searchParams.get('signature')!,
  };
}

function body(...pieces: readonly string[]): Readable {
  return Readable.from(pieces.map((piece) => Buffer.from(piece)));
}

async function refusal(work: Promise<unknown>): Promise<DomainException> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DomainException)) throw new Error('This was not refused.', { cause: error });
  return error;
}

describe('an upload address', () => {
  it('is a PUT to one key of this service, with its limits and their signature', () => {
    const ticket = storage.authorize(KEY, 1000, EXPIRES);
    expect(ticket).toMatchObject({ method: 'PUT', headers: {}, expiresAt: EXPIRES });
    expect(ticket.url).toMatch(
      /^https:\/\/api\.example\.com\/uploads\/6f0c1f9e\/3b1d\/9a77\.wav\?expires=1795176900&max_bytes=1000&signature=[\w-]{43}$/,
    );
    expect(() => storage.verify(claimOf(ticket.url), NOW)).not.toThrow();
  });

  it('promises no more time than whole seconds give', () => {
    const { expiresAt } = storage.authorize(KEY, 1000, new Date('2026-11-20T12:15:00.999Z'));
    expect(expiresAt).toEqual(EXPIRES);
  });

  const changes: [string, Partial<UploadClaim>][] = [
    ['another method', { method: 'GET' }],
    ['another key', { key: '6f0c1f9e/3b1d/9a78.wav' }],
    ['another expiry', { expires: 1795176901 }],
    ['another size', { maxBytes: 1001 }],
    ['no expiry', { expires: Number.NaN }],
    ['no signature', { signature: '' }],
    ['a signature of the right length', { signature: 'A'.repeat(43) }],
    ['a signature that is too long', { signature: 'A'.repeat(4300) }],
    ['a signature in letters of many bytes', { signature: 'ß'.repeat(43) }],
  ];
  it.each(changes)('is refused with %s', (_what, change) => {
    const claim = { ...claimOf(storage.authorize(KEY, 1000, EXPIRES).url), ...change };
    expect(() => storage.verify(claim, NOW)).toThrow(
      expect.objectContaining({ code: 'upload_url_invalid', refusal: 'forbidden' }),
    );
  });

  it('is refused from its last second on, and not before', () => {
    const claim = claimOf(storage.authorize(KEY, 1000, EXPIRES).url);
    expect(() => storage.verify(claim, new Date(EXPIRES.getTime() - 1))).not.toThrow();
    expect(() => storage.verify(claim, EXPIRES)).toThrow(
      expect.objectContaining({ code: 'upload_url_expired', refusal: 'forbidden' }),
    );
  });

  it('of another server is refused: each pepper makes its own key', () => {
    const settings = new DiskUploadSettings(directory, 'https://api.example.com', uploadSigningKey('other'));
    const foreign = new DiskUploadStorage(settings).authorize(KEY, 1000, EXPIRES);
    expect(() => storage.verify(claimOf(foreign.url), NOW)).toThrow(
      expect.objectContaining({ code: 'upload_url_invalid' }),
    );
  });
});

describe('a key', () => {
  it.each([
    ...[
      '../secret.wav',
      'a/../../secret.wav',
      '/etc/passwd',
      'a//b.wav',
      'a/./b.wav',
      '.incoming/x',
      'a/.b',
      'a\\b',
      '',
    ],
    ...['a\0b', 'a b', 'a\nb', 'ä.wav', 'a/', `${'a/'.repeat(8)}b`, 'a'.repeat(200)],
  ])('that could lead out of the directory is never used: %j', async (key) => {
    expect(() => storage.authorize(key, 1000, EXPIRES)).toThrow();
    await expect(storage.receive(key, 1000, body('x'))).rejects.toThrow();
    await expect(storage.open(key)).rejects.toThrow();
    await expect(storage.size(key)).rejects.toThrow();
    await expect(storage.remove(key)).rejects.toThrow();
    expect(await files()).toEqual([]);
  });
});

describe('a received upload', () => {
  it('lies there byte by byte, and nothing else does', async () => {
    expect(await storage.receive(KEY, 11, body('a', ' recording', ''))).toBe(11);
    expect(await storage.size(KEY)).toBe(11);
    expect((await buffer(await storage.open(KEY))).toString()).toBe('a recording');
    expect(await files()).toEqual(['9a77.wav']);
  });

  it('can be read by the service alone', async () => {
    await storage.receive(KEY, 11, body('a'));
    expect((await stat(join(directory, KEY))).mode & 0o777).toBe(0o600);
  });

  it('of one byte more than allowed is refused, says the limit, and leaves nothing', async () => {
    const refused = await refusal(storage.receive(KEY, 10, body('a', ' recording')));
    expect(refused).toMatchObject({ code: 'file_size_exceeded', refusal: 'too_large', facts: { limit_bytes: 10 } });
    expect([await storage.size(KEY), await files()]).toEqual([null, []]);
  });

  it('is refused before the rest of it is read, and the rest is left to be read', async () => {
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(1000)) });
    await refusal(storage.receive(KEY, 100_000, endless));
    expect(endless.destroyed).toBe(false);
    endless.destroy();
  });

  it('that breaks off leaves nothing, and fails as the body did', async () => {
    const broken = new Error('aborted');
    const breaking = Readable.from(
      (function* () {
        yield Buffer.from('a rec');
        throw broken;
      })(),
    );
    await expect(storage.receive(KEY, 100, breaking)).rejects.toBe(broken);
    expect([await storage.size(KEY), await files()]).toEqual([null, []]);
  });

  it('is the only one: a second upload to its address is refused and changes nothing', async () => {
    await storage.receive(KEY, 100, body('first'));
    const refused = await refusal(storage.receive(KEY, 100, body('second')));
    expect(refused).toMatchObject({ code: 'upload_already_received', refusal: 'conflict' });
    expect((await buffer(await storage.open(KEY))).toString()).toBe('first');
    const unread = new Readable({ read: () => unread.destroy(new Error('This was read.')) });
    expect(await refusal(storage.receive(KEY, 100, unread))).toMatchObject({ code: 'upload_already_received' });
    expect(await files()).toEqual(['9a77.wav']);
  });

  it('is exactly one of twenty at once, and whole', async () => {
    // All bodies wait for one another, so that every upload has begun before any ends.
    const all = Array.from({ length: 20 }, () => new Signal());
    const uploads = all.map((begun, i) =>
      storage.receive(
        KEY,
        100_000,
        Readable.from(
          (async function* () {
            yield Buffer.alloc(10_000, 65 + i);
            begun.give();
            await Promise.all(all.map(({ given }) => given));
            yield Buffer.alloc(10_000, 65 + i);
          })(),
        ),
      ),
    );
    const outcomes = await Promise.allSettled(uploads);
    const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
    expect(winners).toHaveLength(1);
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(reasons).toEqual(Array.from({ length: 19 }, () => 'upload_already_received'));
    expect(await buffer(await storage.open(KEY))).toEqual(Buffer.alloc(20_000, 65 + winners[0]!));
    expect(await files()).toEqual(['9a77.wav']);
  });

  it('is not there before all of it is', async () => {
    const begun = new Signal();
    const goOn = new Signal();
    const slow = Readable.from(
      (async function* () {
        yield Buffer.from('a rec');
        begun.give();
        await goOn.given;
        yield Buffer.from('ording');
      })(),
    );
    const receiving = storage.receive(KEY, 100, slow);
    await begun.given;
    expect(await storage.size(KEY)).toBeNull();
    goOn.give();
    expect(await receiving).toBe(11);
    expect(await storage.size(KEY)).toBe(11);
  });

  it('is gone after its removal, which may be repeated', async () => {
    await storage.receive(KEY, 100, body('a recording'));
    await storage.remove(KEY);
    await storage.remove(KEY);
    expect(await storage.size(KEY)).toBeNull();
    await expect(storage.open(KEY)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a place where no recording lies', () => {
  it('has no size and cannot be opened', async () => {
    expect(await storage.size(KEY)).toBeNull();
    await expect(storage.open(KEY)).rejects.toMatchObject({ code: 'ENOENT' });
    await storage.receive(KEY, 100, body('a recording'));
    expect(await storage.size('6f0c1f9e/3b1d')).toBeNull();
    expect(await storage.size(`${KEY}/below`)).toBeNull();
  });
});

describe('a key whose recording was removed', () => {
  it('takes no other recording, whether one had come or not', async () => {
    await storage.receive(KEY, 100, body('first'));
    await storage.remove(KEY);
    expect((await refusal(storage.receive(KEY, 100, body('second')))).code).toBe('upload_already_received');
    await storage.remove('other/key.wav');
    expect((await refusal(storage.receive('other/key.wav', 100, body('late')))).code).toBe('upload_already_received');
    expect([await storage.size(KEY), await storage.size('other/key.wav')]).toEqual([null, null]);
  });

  it('keeps nothing of a recording that was arriving meanwhile', async () => {
    const arriving = new Readable({ read: () => undefined });
    const receiving = refusal(storage.receive(KEY, 100, arriving));
    arriving.push(Buffer.from('half'));
    await storage.remove(KEY);
    arriving.push(null);
    expect((await receiving).code).toBe('upload_already_received');
    expect(await storage.size(KEY)).toBeNull();
  });
});

describe('what a killed process left half received', () => {
  it('is removed once it is old, and what is being received now is not', async () => {
    expect(await storage.removeAbandoned(new Date())).toBe(0);
    const begun = new Signal();
    const goOn = new Signal();
    const receiving = storage.receive(
      KEY,
      100,
      Readable.from(
        (async function* () {
          yield Buffer.from('half');
          begun.give();
          await goOn.given;
        })(),
      ),
    );
    await begun.given;
    expect(await storage.removeAbandoned(new Date(Date.now() - 3_600_000))).toBe(0);
    expect(await files()).toHaveLength(1);
    expect(await storage.removeAbandoned(new Date(Date.now() + 3_600_000))).toBe(1);
    expect(await files()).toEqual([]);
    goOn.give();
    await expect(receiving).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
