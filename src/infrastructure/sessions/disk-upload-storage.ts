import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { injectable } from 'inversify';
import {
  UploadAlreadyReceived,
  UploadReceiver,
  UploadTooLarge,
  UploadUrlRefused,
  type UploadClaim,
} from '#application/sessions/upload-receiver';
import { UploadStorage, type UploadTicket } from '#application/sessions/upload-storage';

/** Below `directory`, beside the recordings, so that a finished file can be linked into its place. No key begins with a dot. */
const INCOMING = '.incoming';
/** An empty file for every key that was removed, until its address has surely expired. */
const USED_UP = '.used-up';
/** Up to eight names of letters, digits, `_`, `-` and inner dots: nothing that a file system reads as a way out. */
const KEY = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}){0,7}$/;

export class DiskUploadSettings {
  constructor(
    /** Made when it does not exist. */
    readonly directory: string,
    /** Where clients reach this service, with or without a slash at the end. */
    readonly publicUrl: string,
    readonly signingKey: Buffer,
  ) {}
}

/** A key for signing upload addresses, made from the server's pepper, so that neither tells the other. */
export function uploadSigningKey(pepper: string): Buffer {
  return createHmac('sha256', pepper).update('minutebook upload addresses').digest();
}

/**
 * Recordings on the local disk, behind signed addresses of this service. An address takes one file, ever: neither while it
 * lies here nor after it was removed can another take its place.
 */
@injectable()
export class DiskUploadStorage implements UploadStorage, UploadReceiver {
  constructor(private readonly settings: DiskUploadSettings) {}

  authorize(key: string, maxBytes: number, expiresAt: Date): UploadTicket {
    if (!KEY.test(key)) throw new Error(`${key} cannot be the key of an upload.`);
    const expires = Math.floor(expiresAt.getTime() / 1000);
    const signature = this.sign('PUT', key, expires, maxBytes);
    const query = new URLSearchParams({ expires: String(expires), max_bytes: String(maxBytes), signature });
    return {
      url: `${this.settings.publicUrl.replace(/\/$/, '')}/uploads/${key}?${query.toString()}`,
      method: 'PUT',
      headers: {},
      expiresAt: new Date(expires * 1000),
    };
  }

  verify({ method, key, expires, maxBytes, signature }: UploadClaim, now: Date): void {
    const expected = Buffer.from(this.sign(method, key, expires, maxBytes));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected) || !KEY.test(key)) {
      throw new UploadUrlRefused('upload_url_invalid', 'This upload address is not one that was given out.');
    }
    if (now.getTime() >= expires * 1000) {
      throw new UploadUrlRefused('upload_url_expired', 'This upload address has expired. Ask for a new one.');
    }
  }

  async receive(key: string, maxBytes: number, body: Readable): Promise<number> {
    const place = this.pathOf(key);
    if ((await this.size(key)) !== null || (await this.isUsedUp(key))) throw new UploadAlreadyReceived();
    const incoming = join(this.settings.directory, INCOMING);
    await mkdir(incoming, { recursive: true });
    const partial = join(incoming, randomBytes(16).toString('hex'));
    try {
      const received = await write(partial, maxBytes, body);
      await mkdir(dirname(place), { recursive: true });
      await linkOnce(partial, place);
      if (await this.isUsedUp(key)) {
        // Removed while it arrived: `remove` marks before it removes, so one of the two always sees the other.
        await rm(place, { force: true });
        throw new UploadAlreadyReceived();
      }
      return received;
    } finally {
      await rm(partial, { force: true });
    }
  }

  async size(key: string): Promise<number | null> {
    const found = await stat(this.pathOf(key)).catch(absent);
    return found?.isFile() ? found.size : null;
  }

  async open(key: string): Promise<Readable> {
    const file = await open(this.pathOf(key), 'r');
    return file.createReadStream();
  }

  async remove(key: string): Promise<void> {
    const place = this.pathOf(key);
    const mark = this.markOf(key);
    await mkdir(dirname(mark), { recursive: true });
    await writeFile(mark, '');
    await rm(place, { force: true });
  }

  /** What lay there once and was removed must not be followed by anything: the address was for one file. */
  private async isUsedUp(key: string): Promise<boolean> {
    return (await stat(this.markOf(key)).catch(absent)) !== null;
  }

  private markOf(key: string): string {
    return join(this.settings.directory, USED_UP, createHash('sha256').update(key).digest('hex'));
  }

  /**
   * Removes what a killed process left half received and the marks of removed keys, if untouched since `before`; answers
   * how many files. `before` must be longer ago than an address is valid.
   */
  async removeAbandoned(before: Date): Promise<number> {
    const removed = [INCOMING, USED_UP].map((folder) => removeUntouched(join(this.settings.directory, folder), before));
    return (await Promise.all(removed)).reduce((sum, count) => sum + count, 0);
  }

  private sign(method: string, key: string, expires: number, maxBytes: number): string {
    const claim = [method, key, expires, maxBytes].join('\n');
    return createHmac('sha256', this.settings.signingKey).update(claim).digest('base64url');
  }

  private pathOf(key: string): string {
    if (!KEY.test(key)) throw new Error(`${key} cannot be the key of an upload.`);
    return join(this.settings.directory, ...key.split('/'));
  }
}

/** Writes `body` to the new file `path`, down to the disk. The caller removes it when this rejects. */
async function write(path: string, maxBytes: number, body: Readable): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let received = 0;
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > maxBytes) throw new UploadTooLarge(maxBytes);
      await file.writeFile(chunk);
    }
    await file.sync();
    return received;
  } finally {
    await file.close();
  }
}

/** Unlike a rename, a link never replaces: of two finished uploads the second one fails here. */
async function linkOnce(partial: string, place: string): Promise<void> {
  try {
    await link(partial, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UploadAlreadyReceived();
    throw error;
  }
  // The name is on the disk when its directory is. Windows cannot open a directory, and does not need to.
  if (process.platform === 'win32') return;
  const directory = await open(dirname(place), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function removeUntouched(folder: string, before: Date): Promise<number> {
  let removed = 0;
  for (const name of (await readdir(folder).catch(absent)) ?? []) {
    const found = await stat(join(folder, name)).catch(absent);
    if (!found || found.mtime >= before) continue;
    await rm(join(folder, name), { force: true });
    removed++;
  }
  return removed;
}

/** For a file that is not there; any other error goes on. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
