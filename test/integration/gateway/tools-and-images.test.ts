import Anthropic from '@anthropic-ai/sdk';
import { readFile } from 'node:fs/promises';
import OpenAI, { toFile } from 'openai';
import type { TestUser } from '#test/support/app';
import { GatewayWorld } from './gateway-world.js';
import { ABOUT, ANTHROPIC_TOOLS, ARGUMENTS, FORECAST, OPENAI_TOOLS, PIXEL, SCHEMA } from './weather.js';

/** What is reserved for a picture in a message to a model that nobody knows, in tokens; at 0.15 USD for a million. */
const PICTURE_MICROS = 48_169 * 0.15;

describe('Tools, pictures and JSON through the official clients', () => {
  let world: GatewayWorld;
  let user: TestUser;
  let openai: OpenAI;
  let anthropic: Anthropic;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    user = await world.userWith(1000);
    openai = new OpenAI({ apiKey: user.key, baseURL: `${world.app.url}/v1` });
    anthropic = new Anthropic({ apiKey: user.key, baseURL: world.app.url });
  });
  afterEach(async () => {
    const { balance, entries, held, openHolds, logs } = await world.booksOf(user);
    expect([balance, entries, held, openHolds]).toEqual([
      10_000_000 - logs.reduce((sum, { cost }) => sum + cost, 0),
      balance,
      0,
      0,
    ]);
    expect(logs.every(({ outcome, usage_source }) => outcome === 'completed' && usage_source === 'provider')).toBe(
      true,
    );
  });
  afterAll(() => world.stop());

  const lastLog = async () => (await world.booksOf(user)).logs.at(-1)!;

  it('OpenAI: a tool is called with arguments, and its result is answered', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: ABOUT }];
    const ask = { model: 'sandbox-chat', max_tokens: 200, tools: OPENAI_TOOLS };
    const called = await openai.chat.completions.create({ ...ask, messages });
    const [choice] = called.choices;
    const call = choice!.message.tool_calls![0] as OpenAI.ChatCompletionMessageFunctionToolCall;
    expect([choice!.finish_reason, choice!.message.content, call.function.name]).toEqual([
      'tool_calls',
      null,
      'forecast',
    ]);
    expect(JSON.parse(call.function.arguments)).toEqual(ARGUMENTS);
    expect((await lastLog()).quantities).toMatchObject({ output_token: called.usage!.completion_tokens });

    const result = { role: 'tool' as const, tool_call_id: call.id, content: FORECAST };
    const answered = await openai.chat.completions.create({ ...ask, messages: [...messages, choice!.message, result] });
    expect(answered.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(answered.choices[0]!.message.content).toContain(FORECAST);
  });

  it("OpenAI: a streamed call is put together by the client's own helper", async () => {
    const body = { model: 'sandbox-chat', messages: [{ role: 'user' as const, content: ABOUT }], tools: OPENAI_TOOLS };
    const pieces: string[] = [];
    const stream = openai.chat.completions
      .stream({ ...body, stream_options: { include_usage: true } })
      .on('tool_calls.function.arguments.delta', ({ arguments_delta: delta }) => pieces.push(delta));
    const [call] = (await stream.finalMessage()).tool_calls!;
    expect(call).toMatchObject({ type: 'function', function: { name: 'forecast' } });
    expect(JSON.parse((call as OpenAI.ChatCompletionMessageFunctionToolCall).function.arguments)).toEqual(ARGUMENTS);
    expect(pieces.join('')).toBe(JSON.stringify(ARGUMENTS));
    const { completion_tokens: tokens } = await stream.totalUsage();
    expect(tokens).toBe(pieces.filter((piece) => piece !== '').length);
    expect(await lastLog()).toMatchObject({ streamed: true, quantities: { output_token: tokens } });
  });

  it.each([false, true])('OpenAI: the client runs the tool by itself and asks again (stream: %s)', async (stream) => {
    const asked: unknown[] = [];
    const run = (given: object): string => {
      asked.push(given);
      return FORECAST;
    };
    const tool = {
      name: 'forecast',
      description: 'Looks it up',
      parameters: SCHEMA,
      function: run,
      parse: (text: string) => JSON.parse(text) as object,
    };
    const body = {
      model: 'sandbox-chat',
      messages: [{ role: 'user' as const, content: ABOUT }],
      tools: [{ type: 'function' as const, function: tool }],
    };
    const runner = stream
      ? openai.chat.completions.runTools({ ...body, stream })
      : openai.chat.completions.runTools(body);
    expect(await runner.finalContent()).toContain(FORECAST);
    expect(asked).toEqual([ARGUMENTS]);
  });

  it.each([false, true])(
    'Anthropic: a tool is called with arguments, and its result is answered (stream: %s)',
    async (streamed) => {
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: ABOUT }];
      const ask = { model: 'sandbox-chat', max_tokens: 200, tools: ANTHROPIC_TOOLS };
      const send = (said: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
        streamed
          ? anthropic.messages.stream({ ...ask, messages: said }).finalMessage()
          : anthropic.messages.create({ ...ask, messages: said });
      const called = await send(messages);
      expect(called).toMatchObject({
        stop_reason: 'tool_use',
        content: [{ type: 'tool_use', name: 'forecast', input: ARGUMENTS }],
      });
      expect((await lastLog()).quantities).toEqual({
        input_token: called.usage.input_tokens,
        output_token: called.usage.output_tokens,
      });
      const { id } = called.content[0] as Anthropic.ToolUseBlock;
      const answered = await send([
        ...messages,
        { role: 'assistant', content: called.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: FORECAST }] },
      ]);
      expect(answered.stop_reason).toBe('end_turn');
      expect((answered.content[0] as Anthropic.TextBlock).text).toContain(FORECAST);
    },
  );

  it('Anthropic: arguments can be read while they arrive', async () => {
    const snapshots: unknown[] = [];
    await anthropic.messages
      .stream({
        model: 'sandbox-chat',
        max_tokens: 200,
        tools: ANTHROPIC_TOOLS,
        tool_choice: { type: 'tool', name: 'forecast' },
        messages: [{ role: 'user', content: 'Hello' }],
      })
      .on('inputJson', (_, snapshot) => snapshots.push(snapshot))
      .finalMessage();
    expect(snapshots.length).toBeGreaterThan(2);
    expect(snapshots.at(-1)).toEqual(ARGUMENTS);
  });

  it('a picture in a message is reserved for by itself, however large its data are', async () => {
    const heldFor = async (url: string | null): Promise<number> => {
      const picture = { type: 'image_url' as const, image_url: { url: url! } };
      const content = [{ type: 'text' as const, text: 'What is this?' }, ...(url === null ? [] : [picture])];
      const { data, response } = await openai.chat.completions
        .create({ model: 'sandbox-chat', max_tokens: 100, messages: [{ role: 'user', content }] })
        .withResponse();
      expect(data.choices[0]!.message.content).toContain('What is this?');
      return Number(response.headers.get('x-held-micros'));
    };
    const [without, small, large] = [
      await heldFor(null),
      await heldFor(`data:image/png;base64,${PIXEL}`),
      await heldFor(`data:image/png;base64,${PIXEL.repeat(2000)}`),
    ] as [number, number, number];
    expect(small - without).toBeGreaterThanOrEqual(PICTURE_MICROS);
    expect(small - without).toBeLessThan(PICTURE_MICROS + 10);
    expect(large).toBe(small);
    const { data, response } = await anthropic.messages
      .create({
        model: 'sandbox-chat',
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
              { type: 'text', text: 'What is this?' },
            ],
          },
        ],
      })
      .withResponse();
    expect((data.content[0] as Anthropic.TextBlock).text).toContain('What is this?');
    expect(Math.abs(Number(response.headers.get('x-held-micros')) - small)).toBeLessThan(10);
  });

  it('OpenAI: JSON of any shape, and of the shape that was asked for', async () => {
    const ask = async (format: OpenAI.ChatCompletionCreateParams['response_format'], stream: boolean) => {
      const body = {
        model: 'sandbox-chat',
        messages: [{ role: 'user' as const, content: 'Hello' }],
        response_format: format!,
      };
      const answer = stream
        ? await openai.chat.completions.stream(body).finalChatCompletion()
        : await openai.chat.completions.create(body);
      return JSON.parse(answer.choices[0]!.message.content!) as unknown;
    };
    for (const stream of [false, true]) {
      expect(await ask({ type: 'json_object' }, stream)).toEqual(expect.any(Object));
      const format = { type: 'json_schema' as const, json_schema: { name: 'forecast', strict: true, schema: SCHEMA } };
      expect(await ask(format, stream)).toEqual(ARGUMENTS);
    }
  });

  it('Anthropic: JSON of the shape that was asked for', async () => {
    const message = await anthropic.messages.create({
      model: 'sandbox-chat',
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Hello' }],
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    });
    expect(JSON.parse((message.content[0] as Anthropic.TextBlock).text)).toEqual(ARGUMENTS);
  });

  it('both clients reach the same model, are answered the same words and are charged the same', async () => {
    const messages = [{ role: 'user' as const, content: 'Say the same to both of us' }];
    const one = await openai.chat.completions.create({ model: 'sandbox-chat', max_tokens: 100, messages });
    const first = await lastLog();
    const other = await anthropic.messages.create({ model: 'sandbox-chat', max_tokens: 100, messages });
    const second = await lastLog();
    expect(one.choices[0]!.message.content).toBe((other.content[0] as Anthropic.TextBlock).text);
    expect([first.quantities, first.cost, first.model]).toEqual([second.quantities, second.cost, second.model]);
    expect(first.request_id).not.toBe(second.request_id);
  });

  it('several pictures are drawn, and charged by their number, size and quality', async () => {
    const { data } = await openai.images.generate({
      model: 'sandbox-image',
      prompt: 'A tree',
      n: 3,
      size: '1536x1024',
      quality: 'high',
      response_format: 'url',
    });
    expect(data).toHaveLength(3);
    expect(data!.every(({ url }) => URL.canParse(url!))).toBe(true);
    expect(await lastLog()).toMatchObject({ quantities: { image: 3 }, cost: 3 * 200_000 });
  });

  it.each([
    ['text', /sandbox/],
    ['srt', /^1\n00:00:00,000 --> 00:00:/],
    ['vtt', /^WEBVTT\n/],
  ] as const)('a transcript comes as %s, charged by its seconds', async (format, beginning) => {
    const file = await toFile(await readFile('test/fixtures/audio/short-3s.wav'), 'short.wav');
    const text = await openai.audio.transcriptions.create({
      model: 'sandbox-transcribe',
      file,
      response_format: format,
    });
    expect(text).toMatch(beginning);
    expect(await lastLog()).toMatchObject({ quantities: { audio_second: 3 }, cost: 300 });
  });
});
