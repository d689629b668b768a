import type { JsonObject } from '#application/gateway/ai-provider';
import * as double from '#test/support/ai/openai-double';
import { A_CHAT, OpenAiWorld } from '#test/support/ai/openai-world';
import { heard } from '#test/support/ai/anthropic-world';

const { CONTENT, DONE, chunk, usageChunk } = double;
const REPORTED = {
  input_token: 60,
  cached_token: 40,
  cache_write_token: 0,
  audio_token: 0,
  output_token: 20,
  reasoning_token: 10,
};
const A_MESSAGE: JsonObject = { model: 'mini', max_tokens: 100, messages: [{ role: 'user', content: 'Grüezi' }] };
const LEFT = new Error('the caller left');

describe('A provider that speaks OpenAI’s API', () => {
  let world: OpenAiWorld;

  beforeEach(async () => {
    world = await OpenAiWorld.begin();
  });

  afterEach(() => world.end());

  it('serves chat in both dialects, and its other tasks in OpenAI’s', () => {
    const provider = world.provider({ tasks: ['chat', 'image'] });
    expect(provider.serves('chat', 'openai') && provider.serves('chat', 'anthropic')).toBe(true);
    expect(provider.serves('image', 'openai')).toBe(true);
    expect(provider.serves('image', 'anthropic') || provider.serves('transcription', 'openai')).toBe(false);
    expect(provider.simulated).toBe(false);
  });

  describe('for chat', () => {
    it('passes everything on, with its own name of the model', async () => {
      const text = JSON.stringify(double.COMPLETION, null, 2);
      world.openai.does(double.answers(text));
      const answer = await world.plain({ body: { ...A_CHAT, seed: 7, unheard_of: { a: [1] } } });
      expect(Buffer.from(answer.body).toString('utf8')).toBe(text);
      expect(answer.usage).toEqual({ quantities: REPORTED, source: 'provider', image: null });
      expect(world.openai.lastRequest.body).toEqual({
        ...A_CHAT,
        model: 'gpt-5-mini',
        seed: 7,
        unheard_of: { a: [1] },
      });
      expect(world.openai.lastRequest).toMatchObject({
        path: '/v1/chat/completions',
        headers: { authorization: 'Bearer sk-double-0123456789', 'x-title': 'Minutebook', 'x-request-id': 'trace-1' },
      });
    });

    it('sends no key to a server that asks for none', async () => {
      await world.provider({ apiKey: null }).send({ ...aPlainChat(), signal: new AbortController().signal });
      expect(world.openai.lastRequest.headers.authorization).toBeUndefined();
    });

    it('estimates what an answer used that does not say', async () => {
      world.openai.does(double.answers({ ...double.COMPLETION, usage: { prompt_tokens: 0, completion_tokens: 0 } }));
      const { usage } = await world.plain();
      expect(usage).toMatchObject({ source: 'estimate', quantities: { input_token: 2, output_token: 2 } });
    });

    it('answers in Anthropic’s dialect', async () => {
      const answer = await world.plain({ dialect: 'anthropic', body: A_MESSAGE });
      expect(JSON.parse(String(answer.body))).toMatchObject({
        type: 'message',
        model: 'mini',
        content: [{ type: 'text', text: 'Grüezi!' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 60, cache_read_input_tokens: 40, output_tokens: 30 },
      });
      expect(answer.usage.quantities).toEqual(REPORTED);
      expect(world.openai.lastRequest.body).toMatchObject({
        model: 'gpt-5-mini',
        messages: [{ role: 'user', content: 'Grüezi' }],
      });
    });

    it.each([
      ['no JSON', '{"choices": [{'],
      ['no object', '[]'],
      ['no choices', '{"id": "chatcmpl-1"}'],
      ['not one choice', '{"choices": []}'],
    ])('takes %s with the status 200 for no answer', async (_, text) => {
      world.openai.does(double.answers(text));
      await expect(world.plain()).rejects.toMatchObject({ kind: 'invalid_answer', status: 200 });
    });

    it('takes a truncated answer for none', async () => {
      world.openai.does(double.truncated('{"choices": ['));
      await expect(world.plain()).rejects.toMatchObject({ kind: 'server_error' });
    });

    it.each([[[]], [[null]], [[{}]], [[{ message: 'Grüezi' }]], ['Grüezi'], [{ 0: {} }]])(
      'takes an answer whose choices are %j for none',
      async (choices) => {
        world.openai.does(double.answers({ choices }));
        await expect(world.plain()).rejects.toMatchObject({ kind: 'invalid_answer', status: 200 });
      },
    );

    it('passes no type on that what it read as JSON has not', async () => {
      world.openai.does(double.answers(double.COMPLETION, { 'content-type': 'text/event-stream' }));
      expect((await world.plain()).contentType).toBe('application/json');
    });

    it('knows an error with the status 200', async () => {
      world.openai.does(double.answers({ error: { message: 'Provider returned error', code: 429 } }));
      await expect(world.plain()).rejects.toMatchObject({ kind: 'rate_limited' });
      world.openai.does(double.answers({ error: { message: 'too long', code: 'context_length_exceeded' } }));
      await expect(world.plain()).rejects.toMatchObject({ name: 'ProviderRefusal', code: 'context_length_exceeded' });
    });

    it('is at fault for its own errors, and refuses what the caller got wrong', async () => {
      world.openai.does(double.refuses(429, { message: 'slow down' }, { 'retry-after': '3' }));
      await expect(world.plain()).rejects.toMatchObject({ kind: 'rate_limited', status: 429, retryAfterMs: 3_000 });
      world.openai.does(double.refuses(400, { message: 'bad temperature', param: 'temperature' }));
      await expect(world.stream()).rejects.toMatchObject({ name: 'ProviderRefusal', param: 'temperature' });
    });
  });

  describe('for streamed chat', () => {
    it('passes every event on byte for byte, and asks for its usage', async () => {
      const events = [': keep-alive\n\n', ...CONTENT, usageChunk(), DONE];
      world.openai.does(double.streams(events));
      const answer = await world.stream({ body: { stream_options: { include_usage: true, x: 1 } } });
      const { text, thrown } = await heard(answer);
      expect(thrown).toBeNull();
      expect(text).toBe(events.join(''));
      expect(answer.usage()).toEqual({ quantities: REPORTED, source: 'provider', image: null });
      expect(world.openai.lastRequest.body).toMatchObject({
        stream: true,
        stream_options: { include_usage: true, x: 1 },
      });
    });

    it('does not keep comments without end', async () => {
      world.openai.does(double.floods(': ping\n\n'));
      await expect(world.stream()).rejects.toMatchObject({
        kind: 'invalid_answer',
        message: expect.stringContaining('comments and no answer'),
      });
      await world.openai.hungUp.given;
    });

    it('tells for how long it said nothing, when it was left before its usage came', async () => {
      const left = async (...events: string[]) => {
        world.openai.does(double.streams(events));
        const answer = await world.stream();
        await heard(answer);
        return answer.usage().quantities.silent_second;
      };
      expect(await left(chunk({ role: 'assistant', content: '' }))).toBe(0);
      expect(await left(...CONTENT.slice(0, 2))).toBe(0);
      // What is thought aloud is counted by its text, and what was reported needs no guess.
      expect(await left(chunk({ reasoning_content: 'Hm' }))).toBeUndefined();
      expect(await left(...CONTENT, usageChunk(), chunk({ content: 'more' }))).toBeUndefined();
    });

    it('leaves the chunk with the usage alone out for a caller who did not ask for it', async () => {
      world.openai.does(double.streams([...CONTENT, usageChunk(), DONE]));
      const answer = await world.stream();
      const { text, thrown } = await heard(answer);
      expect(thrown).toBeNull();
      expect(text).toBe([...CONTENT, DONE].join(''));
      expect(answer.usage().quantities).toEqual(REPORTED);
      expect(world.openai.lastRequest.body['stream_options']).toEqual({ include_usage: true });
    });

    it('reads the usage of the last chunk with choices, and delivers that', async () => {
      const last = double.sse({
        choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
        usage: double.COMPLETION.usage,
      });
      world.openai.does(double.streams([...CONTENT.slice(0, 3), last, DONE]));
      const answer = await world.stream();
      expect((await heard(answer)).text).toBe([...CONTENT.slice(0, 3), last, DONE].join(''));
      expect(answer.usage()).toMatchObject({ source: 'provider', quantities: REPORTED });
    });

    it('is the same however slowly it comes', async () => {
      const events = [...CONTENT, usageChunk(), DONE];
      world.openai.does(double.drips(events.join('').replaceAll('\n', '\r\n')));
      const answer = await world.stream();
      expect((await heard(answer)).text).toBe([...CONTENT, DONE].join('').replaceAll('\n', '\r\n'));
      expect(answer.usage().quantities).toEqual(REPORTED);
    });

    it('estimates what was delivered when the usage never came: words, calls of tools, thoughts, of all choices', async () => {
      const events = [
        chunk({ role: 'assistant', content: '' }),
        chunk({ reasoning_content: 'x'.repeat(40) }),
        chunk({ content: 'ü'.repeat(10) }),
        double.sse({ choices: [{ index: 1, delta: { content: 'x'.repeat(20) }, finish_reason: null }] }),
        chunk({ tool_calls: [{ index: 0, function: { name: 'find', arguments: '{"a": "b"}\n\n' } }] }),
        chunk({}, 'tool_calls'),
      ];
      world.openai.does(double.streams([...events, DONE]));
      const answer = await world.stream();
      expect((await heard(answer)).text).toBe([...events, DONE].join(''));
      expect(answer.usage()).toMatchObject({
        source: 'estimate',
        quantities: { input_token: 2, output_token: Math.ceil((20 + 20 + 4 + 12) / 4), reasoning_token: 10 },
      });
    });

    it('counts a text that says it is usage or an error as text', async () => {
      const events = [chunk({ content: '"usage": {"prompt_tokens": 1}, "error": {} [DONE]' }), chunk({}, 'stop')];
      world.openai.does(double.streams([...events, usageChunk(), DONE]));
      const answer = await world.stream();
      expect(await heard(answer)).toMatchObject({ text: [...events, DONE].join(''), thrown: null });
      expect(answer.usage().quantities).toEqual(REPORTED);
    });

    it('estimates a long answer without keeping it, and forgets the estimate for a count', async () => {
      const long = chunk({ content: 'x'.repeat(4_000) });
      world.openai.does(double.streams([...Array<string>(200).fill(long), chunk({}, 'stop'), DONE]));
      const answer = await world.stream();
      await heard(answer);
      expect(answer.usage().quantities.output_token).toBe(200_000);
      world.openai.does(double.streams([...Array<string>(200).fill(long), chunk({}, 'stop'), usageChunk(), DONE]));
      const counted = await world.stream();
      await heard(counted);
      expect(counted.usage()).toMatchObject({ source: 'provider', quantities: REPORTED });
    });

    it('adds what came after the last count when the answer broke off', async () => {
      const counted = double.sse({
        choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
        usage: { prompt_tokens: 9, completion_tokens: 1 },
      });
      world.openai.does(double.streams([counted, chunk({ content: 'x'.repeat(8) })], 'breaks'));
      const answer = await world.stream();
      expect((await heard(answer)).thrown).toMatchObject({ kind: 'server_error' });
      expect(answer.usage()).toMatchObject({ source: 'estimate', quantities: { input_token: 9, output_token: 3 } });
    });

    it('ends well with a finish_reason and without [DONE], or with [DONE] alone', async () => {
      world.openai.does(double.streams(CONTENT));
      expect((await heard(await world.stream())).thrown).toBeNull();
      world.openai.does(double.streams([CONTENT[1]!, 'data: [DONE]\n']));
      expect(await heard(await world.stream())).toMatchObject({
        text: `${CONTENT[1]}data: [DONE]\n\n`,
        thrown: null,
      });
    });

    it('does not wait for a server that keeps an answer open after its end', async () => {
      world.openai.does(double.streams([...CONTENT, usageChunk(), DONE], 'falls silent'));
      expect((await heard(await world.stream())).thrown).toBeNull();
      await world.openai.hungUp.given;
    });

    it.each([
      ['ends', 'invalid_answer'],
      ['breaks', 'server_error'],
    ] as const)('throws after what came when it %s too early: %s', async (end, kind) => {
      world.openai.does(double.streams(CONTENT.slice(0, 3), end));
      const answer = await world.stream();
      expect(await heard(answer)).toMatchObject({
        text: CONTENT.slice(0, 3).join(''),
        thrown: { name: 'ProviderFault', kind },
      });
      expect(answer.usage()).toMatchObject({ source: 'estimate', quantities: { output_token: 4 } });
    });

    it('throws after what came before an error', async () => {
      const error = double.sse({ error: { message: 'The server is overloaded', code: 'overloaded' } });
      world.openai.does(double.streams([...CONTENT.slice(0, 2), error]));
      expect(await heard(await world.stream())).toMatchObject({
        text: CONTENT.slice(0, 2).join(''),
        thrown: { kind: 'overloaded' },
      });
    });

    it('throws at once when it begins with an error, so that another provider can be asked', async () => {
      world.openai.does(double.streams([': hold\n\n', double.sse({ error: { message: 'no', code: 502 } })]));
      await expect(world.stream()).rejects.toMatchObject({ kind: 'server_error' });
      world.openai.does(double.streams([double.sse({ error: { message: 'no', type: 'invalid_request_error' } })]));
      await expect(world.stream()).rejects.toMatchObject({ name: 'ProviderRefusal', status: 400 });
      world.openai.does(double.answers({ error: { message: 'busy', code: 'rate_limit_exceeded' } }));
      await expect(world.stream()).rejects.toMatchObject({ kind: 'rate_limited' });
    });

    it.each([
      ['garbage', 'data: {"choices"\n\n'],
      ['a page', '<html>Welcome</html>'],
      ['nothing', ''],
      ['[DONE] alone', DONE],
    ])('takes %s for no answer', async (_, text) => {
      world.openai.does(double.streams(text === '' ? [] : [text]));
      await expect(world.stream()).rejects.toMatchObject({ kind: 'invalid_answer' });
    });

    it('must send its first event in time, comments and headers notwithstanding', async () => {
      world.openai.does(double.streams([': hold\n\n'], 'falls silent'));
      await expect(world.stream({}, { firstByteMs: 100 })).rejects.toMatchObject({ kind: 'timeout' });
      await world.openai.hungUp.given;
    });

    it('may not fall silent', async () => {
      world.openai.does(double.streams(CONTENT.slice(0, 2), 'falls silent'));
      const said = await heard(await world.stream({}, { idleMs: 100 }));
      expect(said).toMatchObject({ text: CONTENT.slice(0, 2).join(''), thrown: { kind: 'timeout' } });
    });

    it('is cut off when the caller leaves, also while nobody reads on', async () => {
      world.openai.does(double.floods(CONTENT[1]!));
      const caller = new AbortController();
      const answer = await world.stream({ signal: caller.signal });
      const pieces = answer.pieces[Symbol.asyncIterator]();
      await pieces.next();
      caller.abort(LEFT);
      await world.openai.hungUp.given;
      await expect(pieces.next()).rejects.toBe(LEFT);
      expect(answer.usage()).toMatchObject({ source: 'estimate' });
      expect(answer.usage().quantities.output_token).toBeGreaterThan(0);
    });

    it('is cut off when the loop over it is left after its first piece', async () => {
      world.openai.does(double.streams(CONTENT, 'falls silent'));
      const { pieces } = await world.stream();
      for await (const piece of pieces) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      await world.openai.hungUp.given;
    });

    it('comes as Anthropic’s events in their order', async () => {
      world.openai.does(double.streams([...CONTENT, usageChunk(), DONE]));
      const answer = await world.stream({ dialect: 'anthropic', body: A_MESSAGE });
      const { text, thrown } = await heard(answer);
      expect(thrown).toBeNull();
      expect([...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1])).toEqual([
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
      ]);
      expect(text).toContain('"output_tokens":30');
      expect(answer.usage().quantities).toEqual(REPORTED);
    });

    it('is not ended in Anthropic’s dialect when it broke off', async () => {
      world.openai.does(double.streams(CONTENT.slice(0, 3), 'breaks'));
      const { text, thrown } = await heard(await world.stream({ dialect: 'anthropic', body: A_MESSAGE }));
      expect(thrown).toMatchObject({ kind: 'server_error' });
      expect(text).not.toContain('message_stop');
    });
  });

  describe('for pictures', () => {
    const body = { model: 'painter', prompt: 'a lake', n: 2, size: '1024x1024', quality: 'auto' };

    it('passes them on byte for byte, and counts them', async () => {
      const text = JSON.stringify({ created: 1, data: [{ b64_json: 'aGk=' }, { b64_json: 'aGk=' }], quality: 'low' });
      world.openai.does(double.answers(text));
      const answer = await world.plain({ task: 'image', model: 'gpt-image-1.5', body });
      expect(Buffer.from(answer.body).toString('utf8')).toBe(text);
      expect(answer.usage).toEqual({
        quantities: { image: 2 },
        source: 'provider',
        image: { quality: 'low', size: '1024x1024' },
      });
      expect(world.openai.lastRequest).toMatchObject({
        path: '/v1/images/generations',
        body: { ...body, model: 'gpt-image-1.5' },
      });
    });

    it.each([[[]], [[{}]], [[null]], [[{ url: '' }]], [[{ b64_json: 7 }]]])(
      'takes an answer without pictures for none: %j',
      async (data) => {
        world.openai.does(double.answers({ created: 1, data }));
        await expect(world.plain({ task: 'image', body })).rejects.toMatchObject({ kind: 'invalid_answer' });
      },
    );
  });

  describe('for transcriptions', () => {
    const audio = {
      filename: 'Frau Müller.MP3',
      contentType: 'audio/mpeg',
      bytes: Buffer.from('\x00--sound'),
      seconds: 61.5,
    };
    const fields = {
      model: 'ears',
      language: 'de',
      response_format: 'verbose_json',
      'timestamp_granularities[]': ['word', 'segment'],
    };

    it('sends the form on with its own name of the model, and the answer back as it is', async () => {
      world.openai.does(double.answers({ text: 'Grüezi', duration: 61.2 }));
      const answer = await world.plain({ task: 'transcription', model: 'whisper-1', body: fields, audio });
      expect(answer).toMatchObject({ contentType: 'application/json', usage: { quantities: { audio_second: 62 } } });
      const { path, headers, bytes } = world.openai.lastRequest;
      expect(path).toBe('/v1/audio/transcriptions');
      const form = await new Response(new Uint8Array(bytes), {
        headers: { 'content-type': headers['content-type']! },
      }).formData();
      expect(form.get('model')).toBe('whisper-1');
      expect(form.get('language')).toBe('de');
      expect(form.getAll('timestamp_granularities[]')).toEqual(['word', 'segment']);
      const file = form.get('file') as unknown as { name: string; type: string; arrayBuffer(): Promise<ArrayBuffer> };
      expect(file).toMatchObject({ name: 'recording.mp3', type: 'audio/mpeg' });
      expect(Buffer.from(await file.arrayBuffer())).toEqual(audio.bytes);
    });

    it('passes a transcript on that is text alone, and counts the seconds that we measured', async () => {
      world.openai.does(double.answers('WEBVTT\n', { 'content-type': 'text/vtt' }));
      const body = { ...fields, response_format: 'vtt' };
      const answer = await world.plain({ task: 'transcription', body, audio });
      expect(answer).toMatchObject({
        contentType: 'text/vtt',
        usage: { quantities: { audio_second: 62 }, source: 'estimate' },
      });
      expect(Buffer.from(answer.body).toString('utf8')).toBe('WEBVTT\n');
    });

    it('takes an answer that is no transcript for none', async () => {
      world.openai.does(double.answers({ task: 'transcribe' }));
      const asking = world.plain({ task: 'transcription', body: fields, audio });
      await expect(asking).rejects.toMatchObject({ kind: 'invalid_answer' });
    });
  });

  it.each([
    ['a page of HTML', '<!DOCTYPE html><html>502</html>', 'text/plain', { kind: 'invalid_answer' }],
    ['a page of HTML by its type', 'Bad gateway', 'text/html; charset=utf-8', { kind: 'invalid_answer' }],
    ['events', 'data: {}\n\n', 'text/event-stream', { kind: 'invalid_answer' }],
    ['what no text has', 'Gr\u0000ezi', 'text/plain', { kind: 'invalid_answer' }],
    ['an error', '{"error": {"message": "boom", "type": "server_error"}}', 'text/plain', { kind: 'server_error' }],
    ['an error in a word', '{"detail": "boom"}', 'text/plain', { kind: 'invalid_answer' }],
    ['a refusal', '{"error": {"message": "no", "type": "invalid_request_error"}}', 'text/plain', { status: 400 }],
  ])('takes %s for no transcript that is text alone', async (_, text, type, thrown) => {
    world.openai.does(double.answers(text, { 'content-type': type }));
    const audio = { filename: 'a.mp3', contentType: 'audio/mpeg', bytes: Buffer.from('--'), seconds: 3 };
    const asking = world.plain({ task: 'transcription', body: { response_format: 'text' }, audio });
    await expect(asking).rejects.toMatchObject(thrown);
  });

  it('takes a text in braces, and one without words, for a transcript', async () => {
    const audio = { filename: 'a.mp3', contentType: 'audio/mpeg', bytes: Buffer.from('--'), seconds: 3 };
    for (const text of ['{laughs} Grüezi', '{"text": "Grüezi"}', '']) {
      world.openai.does(double.answers(text, { 'content-type': 'text/plain' }));
      const answer = await world.plain({ task: 'transcription', body: { response_format: 'text' }, audio });
      expect(Buffer.from(answer.body).toString('utf8')).toBe(text);
    }
  });

  it('is not made with a key that no request can have', () => {
    expect(() => world.provider({ apiKey: 'sk-a\nb' })).toThrow('The header authorization for openai');
  });
});

function aPlainChat() {
  return {
    task: 'chat' as const,
    dialect: 'openai' as const,
    model: 'gpt-5-mini',
    body: A_CHAT,
    audio: null,
    maxOutputTokens: null,
    stream: false,
    requestId: 'trace-1',
  };
}
