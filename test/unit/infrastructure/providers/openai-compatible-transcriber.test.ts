import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { OpenAiCompatibleSettings } from '#infrastructure/providers/openai-compatible-transcriber';
import { OpenAiTranscriptionDouble, VERBOSE } from '#test/support/openai-transcription-double';
import { anOrder, StreamedRecording } from '#test/support/recordings';
import { done, KEY, openAiTranscriber, unavailable } from '#test/support/transcribers';

let openai: OpenAiTranscriptionDouble;

beforeEach(async () => {
  openai = await OpenAiTranscriptionDouble.start();
});
afterEach(() => openai.close());

const transcriber = (of: Partial<OpenAiCompatibleSettings> = {}) => openAiTranscriber(openai, of);

const diarizing = 'gpt-4o-transcribe-diarize';

describe('what is sent', () => {
  it('is the whole recording, byte for byte, with its length announced', async () => {
    const recording = new StreamedRecording(3_000_001);
    done(await transcriber().submit(anOrder(recording)));
    const { file, headers } = openai.lastRequest;
    expect(file).toMatchObject({ bytes: 3_000_001, sha256: recording.sha256, contentType: 'audio/mpeg' });
    expect(Number(headers['content-length'])).toBeGreaterThan(3_000_001);
    expect(headers['transfer-encoding']).toBeUndefined();
  });

  it('is never the whole recording at once: what the server does not take is not read', async () => {
    openai.mode = 'never-reads';
    const recording = new StreamedRecording(256 * 1024 * 1024);
    await unavailable(transcriber({ timeoutMs: 300, maxBytes: recording.bytes }).submit(anOrder(recording)));
    expect(recording.bytesRead).toBeGreaterThan(0);
    expect(recording.bytesRead).toBeLessThan(32 * 1024 * 1024);
    expect(recording.streams.every((stream) => stream.destroyed)).toBe(true);
  });

  it('asks whisper-1 for verbose_json and the diarizing model for diarized_json in chunks', async () => {
    await transcriber().submit(anOrder());
    expect(openai.lastRequest.fields).toEqual({ model: 'whisper-1', response_format: 'verbose_json', language: 'en' });
    await transcriber({ model: diarizing }).submit(anOrder(undefined, { model: diarizing, language: 'auto' }));
    expect(openai.lastRequest.fields).toEqual({
      model: diarizing,
      response_format: 'diarized_json',
      chunking_strategy: 'auto',
    });
  });

  it.each([
    ['en-US', 'en'],
    ['cmn-Hant-TW', 'zh'],
    ['zh-TW', 'zh'],
    ['pt-BR', 'pt'],
    ['auto', undefined],
  ])('names the language %s as %s', async (language, sent) => {
    await transcriber().submit(anOrder(undefined, { language }));
    expect(openai.lastRequest.fields['language']).toBe(sent);
  });

  it('carries the key, and the same idempotency key for each delivery of an attempt', async () => {
    await transcriber().submit(anOrder(undefined, { attemptKey: 'session:3' }));
    expect(openai.lastRequest.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'idempotency-key': 'session:3',
    });
  });

  it('carries no authorization when the server asks for none', async () => {
    openai.key = null;
    done(await transcriber({ apiKey: null }).submit(anOrder()));
    expect(openai.lastRequest.headers.authorization).toBeUndefined();
  });

  it.each([
    ['Ana Müller divorce.M4A', 'audio/mp4', 'recording.m4a', 'audio/mp4'],
    ['x"\r\nX-Evil: 1\r\n\r\n.mp3', 'audio/mpeg\r\nX-Evil: 1', 'recording.mp3', 'application/octet-stream'],
    ['no extension', 'audio/wav', 'recording', 'audio/wav'],
  ])('does not tell the service that the file is called %j', async (filename, contentType, sentName, sentType) => {
    done(await transcriber().submit(anOrder(undefined, { filename, contentType })));
    expect(openai.lastRequest.file).toMatchObject({ name: sentName, contentType: sentType });
  });
});

describe('a transcription', () => {
  it('of whisper-1 has times and confidences, and no speakers', async () => {
    const report = done(await transcriber().submit(anOrder(undefined, { language: 'auto' })));
    expect(report).toEqual({
      state: 'done',
      reportedSeconds: 8.47,
      language: 'en',
      segments: [
        {
          speaker: null,
          startMs: 0,
          endMs: 3320,
          text: 'What would you like to look at today?',
          confidence: Math.exp(-0.2860786),
        },
        { speaker: null, startMs: 3320, endMs: 8440, text: 'My new team.', confidence: 1 },
      ],
      metadata: {
        provider: 'openai',
        model: 'whisper-1',
        response_format: 'verbose_json',
        segment_times: true,
        usage: { type: 'duration', seconds: 9 },
        request_id: 'req_double_1',
      },
    });
  });

  it('of the diarizing model has speakers, and no confidences', async () => {
    const report = done(await transcriber({ model: diarizing }).submit(anOrder(undefined, { model: diarizing })));
    expect(report.segments).toEqual([
      { speaker: 'A', startMs: 0, endMs: 4700, text: 'How was it?', confidence: null },
      { speaker: 'B', startMs: 4700, endMs: 11_800, text: 'Better than I thought.', confidence: null },
    ]);
    expect([report.reportedSeconds, report.language]).toEqual([27.4, 'en-US']);
    expect(report.metadata['usage']).toEqual({
      type: 'tokens',
      input_tokens: 274,
      output_tokens: 30,
      total_tokens: 304,
    });
  });

  it('says what it lacks', async () => {
    openai.answer = { text: ' All of it. ' };
    const report = done(await transcriber().submit(anOrder(undefined, { seconds: 61, language: 'auto' })));
    expect(report).toMatchObject({
      reportedSeconds: null,
      language: null,
      segments: [{ speaker: null, startMs: 0, endMs: 61_000, text: 'All of it.', confidence: null }],
      metadata: { segment_times: false },
    });
  });

  it('may be without a word', async () => {
    openai.answer = { ...VERBOSE, text: '', segments: [] };
    expect(done(await transcriber().submit(anOrder())).segments).toEqual([]);
  });
});

describe('our own storage', () => {
  it('is not taken for the provider when the recording is gone', async () => {
    const open = async () => {
      const stream = createReadStream('/nowhere/recording.mp3');
      await once(stream, 'open');
      return stream;
    };
    await expect(transcriber().submit(anOrder(undefined, { open }))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(openai.connections).toBe(0);
  });

  it('is not taken for the provider when the recording breaks off', async () => {
    const broken = Object.assign(new Error('disk'), { code: 'EIO' });
    const open = async () =>
      Readable.from(
        (function* () {
          yield Buffer.alloc(10);
          throw broken;
        })(),
      );
    await expect(transcriber().submit(anOrder(undefined, { open }))).rejects.toBe(broken);
  });
});

describe('settings that cannot work', () => {
  it.each(['ftp://example.org', 'not an address', ''])('are refused at once: the address %j', (baseUrl) => {
    expect(() => transcriber({ baseUrl })).toThrow(/address|Invalid URL/);
  });

  it.each(['sk-x\n', 'sk x', 'sk-ü', ''])('are refused at once: the key %j, without quoting it', (apiKey) => {
    expect(() => transcriber({ apiKey })).toThrow('OPENAI_API_KEY contains spaces or characters that no API key has.');
  });

  it('are not a base address with a slash at its end', async () => {
    done(await transcriber({ baseUrl: `${openai.baseUrl}/` }).submit(anOrder()));
  });
});
