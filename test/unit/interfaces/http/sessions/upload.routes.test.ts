import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import express, { type ErrorRequestHandler } from 'express';
import type { Clock } from '#application/ports/clock';
import {
  UploadAlreadyReceived,
  UploadTooLarge,
  UploadUrlRefused,
  type UploadClaim,
  type UploadReceiver,
} from '#application/sessions/upload-receiver';
import { DomainException } from '#domain/shared/domain-exception';
import { uploadRoutes } from '#interfaces/http/sessions/upload.routes';
import { Signal } from '#test/support/signal';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const clock: Clock = { now: () => NOW };

/** Takes every address whose signature is `good`, and keeps what it got. */
class KeptUploads implements UploadReceiver {
  readonly claims: (UploadClaim & { readonly now: Date })[] = [];
  readonly received = new Map<string, string>();
  readonly failed = new Signal();
  failure: unknown = null;

  verify(claim: UploadClaim, now: Date): void {
    this.claims.push({ ...claim, now });
    if (claim.signature !== 'good') throw new UploadUrlRefused('upload_url_invalid', 'Not ours.');
  }

  async receive(key: string, maxBytes: number, body: Readable): Promise<number> {
    let content = '';
    try {
      for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        content += piece.toString();
        if (content.length > maxBytes) throw new UploadTooLarge(maxBytes);
      }
    } catch (error) {
      this.failure = error;
      this.failed.give();
      throw error;
    }
    if (this.received.has(key)) throw new UploadAlreadyReceived();
    this.received.set(key, content);
    return content.length;
  }
}

let uploads: KeptUploads;
let server: Server;
let problems: unknown[];
let port: number;

async function listen(patienceMs?: number): Promise<void> {
  uploads = new KeptUploads();
  problems = [];
  const problem: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    problems.push(error);
    if (!(error instanceof DomainException)) return next(error);
    response.status(error.refusal === 'too_large' ? 413 : 400).json({ error: error.code, ...error.facts });
  };
  const app = express().use(uploadRoutes(uploads, clock, patienceMs), express.json(), problem);
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
}

beforeEach(() => listen());
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const address = (maxBytes: number | string = 1000, more = ''): string =>
  `http://127.0.0.1:${port}/uploads/user/session/1.wav?expires=1795176900&max_bytes=${maxBytes}&signature=good${more}`;

async function put(url: string, body: string | ReadableStream): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, { method: 'PUT', body, duplex: 'half' });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

/** Speaks HTTP by hand: sends the head and says what came back. */
function speak(head: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.write(`PUT /uploads/user/session/1.wav?${head}`);
  const answer = new Promise<string>((resolve, reject) => {
    let heard = '';
    socket.on('data', (piece) => {
      heard += piece.toString();
      if (heard.includes('}')) resolve(heard);
    });
    socket.on('error', reject);
  });
  return { socket, answer };
}

describe('PUT /uploads', () => {
  it('answers 201 with the number of bytes it received', async () => {
    expect(await put(address(), 'a recording')).toEqual({ status: 201, body: { received_bytes: 11 } });
    expect([...uploads.received]).toEqual([['user/session/1.wav', 'a recording']]);
  });

  it('verifies the very address, by the clock', async () => {
    await put(address(), 'a recording');
    expect(uploads.claims).toEqual([
      { method: 'PUT', key: 'user/session/1.wav', expires: 1795176900, maxBytes: 1000, signature: 'good', now: NOW },
    ]);
  });

  it('takes the body as it is, whatever type it claims', async () => {
    const url = address();
    const answer = await fetch(url, {
      method: 'PUT',
      body: '{"not":',
      headers: { 'Content-Type': 'application/json' },
    });
    expect([answer.status, uploads.received.get('user/session/1.wav')]).toEqual([201, '{"not":']);
  });

  it('takes an empty body', async () => {
    expect(await put(address(), '')).toEqual({ status: 201, body: { received_bytes: 0 } });
  });

  it.each([
    ['nothing', ''],
    ['letters', '&expires=soon&max_bytes=much&signature=bad'],
    ['other spellings of a number', '&expires=%2B1&max_bytes=1e3&signature=bad'],
    ['everything twice', '&expires=1&expires=2&max_bytes=1&max_bytes=2&signature=good&signature=good'],
  ])('refuses an address that says %s', async (_what, query) => {
    const url = `http://127.0.0.1:${port}/uploads/user/session/1.wav?x=1${query}`;
    expect(await put(url, 'x')).toMatchObject({ status: 400, body: { error: 'upload_url_invalid' } });
    expect(uploads.claims).toMatchObject([{ expires: Number.NaN, maxBytes: Number.NaN }]);
  });

  it('joins a key as it was signed, so that an escaped one is the same and a walking one is not a way out', async () => {
    await put(`http://127.0.0.1:${port}/uploads/user/se%73sion/%2e%2e%2f1.wav?signature=bad`, 'x');
    expect(uploads.claims.map(({ key }) => key)).toEqual(['user/session/../1.wav']);
  });

  it('is the only method there', async () => {
    for (const method of ['GET', 'POST', 'DELETE', 'PATCH']) {
      expect((await fetch(address(), { method })).status).toBe(404);
    }
    expect(uploads.claims).toEqual([]);
  });

  it('hands a fault of the storage to the error handler', async () => {
    uploads.receive = () => Promise.reject(new Error('ENOSPC: no space left on device'));
    expect((await put(address(), 'a recording')).status).toBe(500);
    expect(problems).toMatchObject([{ message: 'ENOSPC: no space left on device' }]);
  });
});

describe('an upload that is too large', () => {
  it('is refused by its announced length, before a byte is read', async () => {
    const { socket, answer } = speak(
      'expires=1795176900&max_bytes=1000&signature=good HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n',
    );
    const heard = await answer;
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toContain('{"error":"file_size_exceeded","limit_bytes":1000}');
    expect(uploads.failure).toBeNull();
    socket.destroy();
  });

  it('is refused when it announced nothing and goes on too long', async () => {
    const pieces = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(100, 65)));
    expect(await put(address(), Readable.toWeb(pieces))).toEqual({
      status: 413,
      body: { error: 'file_size_exceeded', limit_bytes: 1000 },
    });
  });

  it('is answered to a client that sends all of it before it listens, and the connection lives on', async () => {
    const socket = connect(port, '127.0.0.1');
    const target = '/uploads/user/session/1.wav?expires=1795176900&max_bytes=1000&signature=good';
    socket.write(`PUT ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n`);
    for (let i = 0; i < 80; i++) if (!socket.write(Buffer.alloc(100_000))) await once(socket, 'drain');
    socket.end(`PUT ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nsmall`);
    const heard = await text(socket);
    expect(heard.match(/HTTP\/1\.1 \d+|\{.*\}/g)).toEqual([
      'HTTP/1.1 413',
      '{"error":"file_size_exceeded","limit_bytes":1000}',
      'HTTP/1.1 201',
      '{"received_bytes":5}',
    ]);
  });

  it('is answered in the middle of what was not announced, and the connection lives on', async () => {
    const socket = connect(port, '127.0.0.1');
    const target = '/uploads/user/session/1.wav?expires=1795176900&max_bytes=1000&signature=good';
    socket.write(`PUT ${target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from('186a0\r\n'), Buffer.alloc(100_000), Buffer.from('\r\n')]);
    for (let i = 0; i < 80; i++) if (!socket.write(chunk)) await once(socket, 'drain');
    socket.write('0\r\n\r\n');
    socket.end(`PUT ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nsmall`);
    expect((await text(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 201']);
  });

  it('is cut off when the client goes on sending for too long', async () => {
    server.close();
    await listen(1);
    const { socket, answer } = speak(
      'expires=1795176900&max_bytes=1000&signature=good HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n',
    );
    await answer;
    socket.resume();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});

describe('a client that goes away', () => {
  it('ends the receiving with an error, and is no problem of ours', async () => {
    const { socket, answer } = speak(
      'expires=1795176900&max_bytes=1000&signature=good HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of',
    );
    answer.catch(() => null);
    await once(server, 'request');
    socket.destroy();
    await uploads.failed.given;
    expect(uploads.failure).toMatchObject({ code: 'ECONNRESET' });
    expect(uploads.received.size).toBe(0);
    // The next request is answered after the failed one was handled to its end.
    await put(address(), 'again');
    expect(problems).toEqual([]);
  });
});
