import { jest } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { UserId } from '#domain/accounts/user';
import { BodyRoom } from '#interfaces/http/gateway/body-room';
import { received } from '#interfaces/http/gateway/incoming-body';
import { HttpProblem } from '#interfaces/http/shared/problem';

const LONGEST_MS = 5 * 60_000;

/** A request whose body is written by hand. */
function aRequest(headers: Readonly<Record<string, string>> = {}): IncomingMessage & PassThrough {
  return Object.assign(new PassThrough(), { headers, socket: new PassThrough() }) as unknown as IncomingMessage &
    PassThrough;
}

/** Reads ten bytes at most. */
async function read(request: IncomingMessage, room = new BodyRoom(), stopped = new AbortController().signal) {
  const tooLong = () => new HttpProblem(413, 'too_long', 'Too long.');
  const intake = { share: room.enter('ana' as UserId), mostBytes: 10, tooLong, stopped };
  let text = '';
  await received(request, intake, (piece) => {
    if (String(piece) === 'bad') throw new TypeError('of our own');
    text += String(piece);
  });
  return text;
}

const dropped = (request: IncomingMessage): boolean => request.readableFlowing === true;

afterEach(() => void jest.useRealTimers());

describe('a body that arrives', () => {
  it('is given on until it is whole', async () => {
    const request = aRequest();
    const reading = read(request);
    request.write('one ');
    request.end('two');
    expect(await reading).toBe('one two');
  });

  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['says that it is too long', { 'content-length': '11' }, 413],
    ['is packed', { 'content-encoding': 'gzip' }, 415],
  ])('is not read when it %s', async (_, headers, status) => {
    const request = aRequest(headers);
    await expect(read(request)).rejects.toMatchObject({ status });
    expect(request.readableFlowing).toBeNull();
  });

  it('is not read when there is no room for what it says it has', async () => {
    const request = aRequest({ 'content-length': '9' });
    await expect(read(request, new BodyRoom(8, 8))).rejects.toMatchObject({ status: 429 });
    expect(request.readableFlowing).toBeNull();
  });

  it.each([
    ['is longer than it may be', 'eleven bytes', new BodyRoom(), { status: 413 }],
    ['finds no room', 'nine byte', new BodyRoom(8, 100), { status: 503 }],
    ['cannot be taken', 'bad', new BodyRoom(), { message: 'of our own' }],
  ])('that %s is refused, and the rest of it dropped', async (_, text, room, refused) => {
    const request = aRequest();
    const reading = read(request, room);
    request.write(text);
    await expect(reading).rejects.toMatchObject(refused);
    expect(dropped(request)).toBe(true);
    request.end();
  });

  it('that breaks off is refused', async () => {
    const request = aRequest();
    const reading = read(request);
    request.write('one');
    request.destroy(new Error('reset'));
    await expect(reading).rejects.toMatchObject({ status: 400, code: 'incomplete_body' });
    await expect(read(request)).rejects.toMatchObject({ code: 'incomplete_body' });
  });

  it('is read no further once it is stopped', async () => {
    const request = aRequest();
    const stopping = new AbortController();
    const reading = read(request, new BodyRoom(), stopping.signal);
    const reason = new Error('enough');
    stopping.abort(reason);
    await expect(reading).rejects.toBe(reason);
    request.end();
  });

  it('that takes too long is refused', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const request = aRequest();
    const reading = read(request);
    request.write('one');
    jest.advanceTimersByTime(LONGEST_MS);
    await expect(reading).rejects.toMatchObject({ status: 408, code: 'body_timeout' });
    // Whoever goes on sending all the same is cut off.
    jest.advanceTimersByTime(10_000);
    expect(request.destroyed).toBe(true);
  });
});
