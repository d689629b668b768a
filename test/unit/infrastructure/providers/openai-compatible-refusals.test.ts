import { Readable } from 'node:stream';
import {
  OPENAI_MAX_BYTES,
  type OpenAiCompatibleSettings,
} from '#infrastructure/providers/openai-compatible-transcriber';
import { OpenAiTranscriptionDouble } from '#test/support/openai-transcription-double';
import { anOrder, StreamedRecording } from '#test/support/recordings';
import { failed, KEY, openAiTranscriber, unavailable } from '#test/support/transcribers';

let openai: OpenAiTranscriptionDouble;

beforeEach(async () => {
  openai = await OpenAiTranscriptionDouble.start();
});
afterEach(() => openai.close());

const transcriber = (of: Partial<OpenAiCompatibleSettings> = {}) => openAiTranscriber(openai, of);

describe('a refusal for good', () => {
  it('of the key says which setting to check and nothing of the key', async () => {
    openai.mode = 'refuses-key';
    const report = failed(await transcriber().submit(anOrder()));
    expect(report.reason).toBe('openai did not accept the API key (401). Check OPENAI_API_KEY.');
    expect(report.metadata).toEqual({
      provider: 'openai',
      model: 'whisper-1',
      status: 401,
      request_id: 'req_double_1',
    });
  });

  it.each([
    [400, 'openai refused the recording (400). It says: The server had an error'],
    [403, 'openai does not allow this (403). Check what OPENAI_API_KEY may use. It says:'],
    [404, 'openai has no such model or address (404). Check whisper-1 and http://127.0.0.1:'],
    [413, 'openai finds the recording too large (413). It says:'],
    [422, 'openai refused the recording (422). It says:'],
  ])('with %i fails the attempt with a reason', async (status, reason) => {
    openai.mode = 'fails';
    openai.status = status;
    expect(failed(await transcriber().submit(anOrder())).reason).toContain(reason);
    expect(openai.requests).toHaveLength(1);
  });

  it('is what a redirect comes to: the key goes nowhere else', async () => {
    openai.mode = 'redirects';
    expect(failed(await transcriber().submit(anOrder())).reason).toContain(
      'redirect, which is not followed (307). Check http',
    );
    expect(openai.requests.map(({ path }) => path)).toEqual(['/v1/audio/transcriptions']);
  });

  it('can come before the upload is complete', async () => {
    openai.mode = 'refuses-before-reading';
    const recording = new StreamedRecording(OPENAI_MAX_BYTES);
    expect(failed(await transcriber().submit(anOrder(recording))).reason).toContain('too large (413)');
    expect(recording.bytesRead).toBeLessThan(recording.bytes);
  });

  it('is what malformed and senseless answers come to', async () => {
    openai.mode = 'malformed';
    expect(failed(await transcriber().submit(anOrder())).reason).toBe(
      'openai answered 200 with something that is no transcription.',
    );
    openai.mode = 'transcribes';
    for (const answer of ['[]', 'null', '"text"', '{}', '{"text": 7}']) {
      openai.answer = answer;
      expect(failed(await transcriber().submit(anOrder())).metadata).toMatchObject({ status: 200 });
    }
  });

  it('is what an endless answer comes to, and it is not read to its end', async () => {
    openai.mode = 'endless';
    expect(failed(await transcriber().submit(anOrder())).reason).toMatch(/more than 33554432 bytes/);
  });

  it('is given to a recording above the service’s limit before anything is opened or sent', async () => {
    const recording = new StreamedRecording(OPENAI_MAX_BYTES + 1);
    expect(failed(await transcriber().submit(anOrder(recording))).reason).toBe(
      'openai takes recordings of up to 26214400 bytes; this one has 26214401.',
    );
    expect([recording.opened, openai.connections]).toEqual([0, 0]);
  });

  it('is given to a recording that is shorter than was measured', async () => {
    const report = failed(await transcriber().submit(anOrder(new StreamedRecording(1000), { bytes: 1001 })));
    expect(report.reason).toBe('The stored recording does not have the 1001 bytes that were measured.');
    expect(openai.requests).toHaveLength(0);
  });

  it('is given to a recording that is longer than was measured, without reading on', async () => {
    const recording = new StreamedRecording(50_000_000);
    const report = failed(await transcriber().submit(anOrder(recording, { bytes: 1000 })));
    expect(report.reason).toBe('The stored recording does not have the 1000 bytes that were measured.');
    expect(openai.requests).toHaveLength(0);
    expect(recording.bytesRead).toBeLessThan(5_000_000);
  });

  it('is given to a job that is asked after: there are none', async () => {
    expect(failed(await transcriber().poll()).reason).toContain('no jobs');
  });
});

describe('a refusal that passes', () => {
  it.each([408, 409, 425, 429, 500, 502, 503, 504, 529])('is %i, and nothing is sent twice', async (status) => {
    openai.mode = 'fails';
    openai.status = status;
    const error = await unavailable(transcriber().submit(anOrder()));
    expect(error.message).toContain(`openai answered ${status}: The server had an error`);
    expect(error.retryAfterSeconds).toBeNull();
    expect(openai.requests).toHaveLength(1);
  });

  it('says when to come back, if the service does', async () => {
    openai.mode = 'rate-limits';
    openai.retryAfter = 'Thu, 20 Nov 2025 10:01:30 GMT';
    expect((await unavailable(transcriber().submit(anOrder()))).retryAfterSeconds).toBe(90);
  });

  it('is a server that never answers', async () => {
    openai.mode = 'never-answers';
    const recording = new StreamedRecording(1000);
    const error = await unavailable(transcriber({ timeoutMs: 100 }).submit(anOrder(recording)));
    expect(error.message).toBe('openai: No complete answer within 0.1 s.');
    expect(recording.streams[0]?.destroyed).toBe(true);
  });

  it('is a recording that stalls while it is sent', async () => {
    const stalled = new Readable({ read: () => undefined });
    await unavailable(
      transcriber({ timeoutMs: 100 }).submit(anOrder(undefined, { open: () => Promise.resolve(stalled) })),
    );
    expect(stalled.destroyed).toBe(true);
  });

  it('is an answer that breaks off', async () => {
    openai.mode = 'truncated';
    expect((await unavailable(transcriber().submit(anOrder()))).message).toBe(
      'openai could not be reached (ECONNRESET).',
    );
  });

  it('is a server that is not there', async () => {
    const absent = transcriber();
    await openai.close();
    const error = await unavailable(absent.submit(anOrder()));
    expect(error.message).toBe('openai could not be reached (ECONNREFUSED).');
    openai = await OpenAiTranscriptionDouble.start();
  });

  it('never names the key', async () => {
    openai.mode = 'fails';
    openai.answer = { error: { message: `key ${KEY} is over its quota` } };
    expect((await unavailable(transcriber().submit(anOrder()))).message).not.toContain(KEY);
  });
});
