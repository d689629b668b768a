import type { JsonObject } from '#application/gateway/ai-provider';
import { errorEvent, eventsOf, messageFor, MESSAGE_TEXT, sse, TOOL_INPUT } from '#test/support/ai/anthropic-messages';
import { aMessagesRequest, AnthropicWorld, fault, heard, refusal, streamOf } from '#test/support/ai/anthropic-world';

let world: AnthropicWorld;

beforeEach(async () => {
  world = await AnthropicWorld.begin();
});
afterEach(() => world.end());

const CHAT = {
  model: 'sonnet',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Grüezi, Claude' },
  ],
};

const TOOLS = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];

async function chat(more: JsonObject = {}) {
  const answer = await world.send({ dialect: 'openai', body: { ...CHAT, ...more } });
  if (answer.kind !== 'plain') throw new Error('The answer came in pieces.');
  return { usage: answer.usage, completion: JSON.parse(String(answer.body)) };
}

const request = (more: JsonObject = {}) =>
  aMessagesRequest({ dialect: 'openai', body: { ...CHAT, ...more, stream: true }, stream: true });

const streamed = async (more: JsonObject = {}) => streamOf(await world.send(request(more)));

interface Call {
  readonly function: { readonly arguments: string };
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string; readonly tool_calls?: readonly Call[] } }[];
  readonly usage?: unknown;
}

function chunksOf(text: string): readonly Chunk[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as Chunk);
}

const contentOf = (text: string) =>
  chunksOf(text)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('');

describe("a request in OpenAI's words", () => {
  it("is sent in Anthropic's, with the bound that Anthropic insists on", async () => {
    await chat({ stop: ['END'] });
    expect(world.anthropic.lastRequest.body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 4096,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Grüezi, Claude' }],
      stop_sequences: ['END'],
    });
  });

  it("keeps the caller's own bound", async () => {
    await chat({ max_completion_tokens: 77 });
    expect(world.anthropic.lastRequest.body['max_tokens']).toBe(77);
  });

  it("is answered in OpenAI's, and charged by Anthropic's counts", async () => {
    const { completion, usage } = await chat();
    expect(completion).toMatchObject({
      object: 'chat.completion',
      created: Date.parse('2026-03-10T12:00:00.000Z') / 1000,
      choices: [{ message: { role: 'assistant', content: MESSAGE_TEXT }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 21, completion_tokens: 305, total_tokens: 326 },
    });
    expect(usage).toMatchObject({ quantities: { input_token: 21, output_token: 305 }, source: 'provider' });
  });

  it('calls tools', async () => {
    const { completion } = await chat({ tools: TOOLS });
    const [{ message, finish_reason }] = completion.choices;
    expect(finish_reason).toBe('tool_calls');
    expect(message.tool_calls).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }]);
    expect(JSON.parse(message.tool_calls[0].function.arguments)).toEqual(TOOL_INPUT);
  });

  it('is refused before it is sent for what Anthropic has no word for', async () => {
    expect(await refusal(chat({ n: 2 }))).toMatchObject({ status: 400, param: 'n' });
    expect(world.anthropic.requests).toEqual([]);
  });

  it('is refused and fails as in the other words', async () => {
    world.anthropic.refuses(400, 'invalid_request_error', 'messages: at least one message is required');
    expect((await refusal(chat())).message).toBe('messages: at least one message is required');
    world.anthropic.refuses(529, 'overloaded_error', 'Overloaded');
    expect((await fault(chat())).kind).toBe('overloaded');
    world.anthropic.mode = 'garbage';
    expect((await fault(chat())).kind).toBe('invalid_answer');
  });
});

describe("a stream in OpenAI's words", () => {
  it('has all of the text, why it ended, and its end', async () => {
    const stream = await streamed();
    const { text, thrown } = await heard(stream);
    expect(thrown).toBeNull();
    expect(contentOf(text)).toBe(MESSAGE_TEXT);
    expect(chunksOf(text).at(-1)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 21, output_token: 305 }, source: 'provider' });
  });

  it('tells the usage to those who ask for it, and is counted the same for those who do not', async () => {
    const asked = await heard(await streamed({ stream_options: { include_usage: true } }));
    expect(chunksOf(asked.text).at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 21, completion_tokens: 305 },
    });
    const unasked = await heard(await streamed());
    expect(chunksOf(unasked.text).filter(({ usage }) => usage)).toEqual([]);
  });

  it('delivers what has come before the rest is sent', async () => {
    world.anthropic.mode = 'pauses';
    const { pieces } = await streamed();
    let text = '';
    for await (const piece of pieces) {
      expect(piece).not.toBe('');
      text += String(piece);
      if (contentOf(text).startsWith(MESSAGE_TEXT.slice(0, 16))) world.anthropic.goOn.give();
    }
    expect(contentOf(text)).toBe(MESSAGE_TEXT);
  });

  it('delivers no piece for what says nothing in these words', async () => {
    world.anthropic.mode = 'pauses';
    world.anthropic.events = [...eventsOf(messageFor(CHAT)).slice(0, 4), { type: 'ping' }].map(sse);
    const stream = await streamed();
    world.anthropic.goOn.give();
    expect((await heard(stream)).pieces).not.toContain('');
  });

  it('is the same when it comes byte by byte', async () => {
    world.anthropic.mode = 'drips';
    expect(contentOf((await heard(await streamed())).text)).toBe(MESSAGE_TEXT);
  });

  it('brings tools with all of their arguments', async () => {
    const { text } = await heard(await streamed({ tools: TOOLS }));
    const calls = chunksOf(text).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather' } });
    expect(JSON.parse(calls.map((call) => call.function.arguments).join(''))).toEqual(TOOL_INPUT);
  });

  it.each([
    ['truncated', 'server_error'],
    ['ends-early', 'invalid_answer'],
  ] as const)('never ends as if it were whole when it is not: %s (%s)', async (mode, kind) => {
    world.anthropic.mode = mode;
    const stream = await streamed();
    const { text, thrown } = await heard(stream);
    expect(contentOf(text)).toBe(MESSAGE_TEXT.slice(0, 16));
    expect(text).not.toContain('[DONE]');
    expect(thrown).toMatchObject({ name: 'ProviderFault', kind });
    expect(stream.usage()).toMatchObject({ quantities: { input_token: 21, output_token: 5 }, source: 'estimate' });
  });

  it('fails before its first piece when Anthropic begins with an error', async () => {
    world.anthropic.events = [errorEvent('overloaded_error', 'Overloaded')];
    expect((await fault(streamed())).kind).toBe('overloaded');
  });

  it('fails after what came before an error', async () => {
    const events = eventsOf(messageFor(CHAT)).map(sse);
    world.anthropic.events = [...events.slice(0, 4), errorEvent('overloaded_error', 'Overloaded')];
    const { text, thrown } = await heard(await streamed());
    expect(contentOf(text)).toBe(MESSAGE_TEXT.slice(0, 16));
    expect(text).not.toContain('Overloaded');
    expect(thrown).toMatchObject({ name: 'ProviderFault', kind: 'overloaded' });
  });

  it('is closed at Anthropic when its caller leaves', async () => {
    world.anthropic.mode = 'falls-silent';
    const leaving = new AbortController();
    const stream = streamOf(await world.send({ ...request(), signal: leaving.signal }));
    const reason = new Error('the caller is gone');
    const reading = heard(stream);
    leaving.abort(reason);
    expect((await reading).thrown).toBe(reason);
    await world.anthropic.hungUp.given;
  });
});
