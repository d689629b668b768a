import type { Dialect } from '#application/gateway/ai-provider';
import { ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import {
  anthropic,
  clock,
  eventIn,
  eventsOf,
  openai,
  plain,
  sandbox,
  streamed,
  user,
} from '#test/support/ai/sandbox-world';

const DIALECTS: readonly Dialect[] = ['openai', 'anthropic'];
const MADE_UP = "Minutebook's sandbox made this answer up: no model was asked. Your message ends with: ";
const TOKENS = 16;

const thrownBy = (deed: Promise<unknown>): Promise<unknown> =>
  deed.then(
    () => null,
    (error: unknown) => error,
  );

/** What arrived of a stream before it ended or threw. */
async function taken(answer: Awaited<ReturnType<typeof streamed>>) {
  const events: unknown[] = [];
  try {
    for await (const piece of answer.pieces) events.push(eventIn(piece));
    return { events, thrown: null };
  } catch (thrown) {
    return { events, thrown };
  }
}

const isDelta = (event: unknown) => /"content":"[^"]|"text_delta"/.test(JSON.stringify(event));

describe('the sandbox', () => {
  it('is called sandbox, and says that it makes its answers up', () => {
    expect(sandbox).toMatchObject({ name: 'sandbox', simulated: true });
  });

  it("serves chat in both dialects, images and transcriptions in OpenAI's", () => {
    const served = DIALECTS.flatMap((dialect) =>
      (['chat', 'image', 'transcription'] as const)
        .filter((task) => sandbox.serves(task, dialect))
        .map((task) => [dialect, task]),
    );
    expect(served).toEqual([
      ['openai', 'chat'],
      ['openai', 'image'],
      ['openai', 'transcription'],
      ['anthropic', 'chat'],
    ]);
  });

  it('answers the same request in the same way, and another one under another name', async () => {
    const [one, again, other] = [await plain(), await plain(), await plain({ body: { messages: [user('Bye')] } })];
    expect(one).toEqual(again);
    const idOf = ({ body }: typeof one) => (JSON.parse(String(body)) as { id: string }).id;
    expect(idOf(one)).toMatch(/^chatcmpl-sandbox-[0-9a-f]{24}$/);
    expect(idOf(other)).not.toBe(idOf(one));
  });

  it('works under the name of any other model', async () => {
    const { body } = await plain({ model: 'gpt-4o-mini' });
    expect(JSON.parse(String(body))).toMatchObject({
      object: 'chat.completion',
      created: clock.now().getTime() / 1000,
      model: 'gpt-4o-mini',
      choices: [{ index: 0, message: { role: 'assistant', content: `${MADE_UP}"Hello".` }, finish_reason: 'stop' }],
    });
  });

  it.each(DIALECTS)('does not begin what was given up before: %s', async (dialect) => {
    const reason = new Error('Gone.');
    expect(await thrownBy(plain({ dialect, signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

describe('a stream of OpenAI', () => {
  it('has the role, a token in each delta, the reason of its end and [DONE]', async () => {
    const answer = await streamed();
    const events = await eventsOf(answer);
    const deltas = events.map(
      (event) => (event as { choices?: { delta: unknown; finish_reason: unknown }[] } | null)?.choices?.[0],
    );
    expect(deltas[0]).toMatchObject({ delta: { role: 'assistant', content: '' }, finish_reason: null });
    const words = deltas.slice(1, 4).map((choice) => (choice?.delta as { content: string }).content);
    expect(words).toEqual(['Minutebo', "ok's", ' sandbox']);
    expect(deltas.at(-2)).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(events.at(-1)).toBeNull();
    expect(events).toHaveLength(1 + TOKENS + 2);
    expect(events.filter(isDelta)).toHaveLength(TOKENS);
    expect(answer.usage()).toEqual({
      quantities: { input_token: 6, output_token: TOKENS },
      source: 'provider',
      image: null,
    });
  });

  it('says what it used before [DONE] when it was asked to, and nothing in the chunks before', async () => {
    const events = await eventsOf(await streamed({ body: { stream_options: { include_usage: true } } }));
    const usages = events.slice(0, -1).map((event) => event!['usage']);
    expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true);
    expect(events.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 6, completion_tokens: TOKENS, total_tokens: 6 + TOKENS },
    });
    const unasked = await eventsOf(await streamed());
    expect(unasked.filter((event) => event && 'usage' in event)).toEqual([]);
  });

  it("is understood by OpenAI's own client, with all choices", async () => {
    const stream = openai.chat.completions.stream({
      model: 'sandbox-chat',
      n: 2,
      messages: [{ role: 'user', content: 'Hello' }],
      stream_options: { include_usage: true },
    });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices.map(({ message }) => message.content)).toEqual([
      `${MADE_UP}"Hello". This is answer 1 of 2.`,
      `${MADE_UP}"Hello". This is answer 2 of 2.`,
    ]);
    expect(usage?.completion_tokens).toBe(2 * (TOKENS + 6));
  });
});

describe('a stream of Anthropic', () => {
  it("has Anthropic's events in order, a token in each delta", async () => {
    const answer = await streamed({ dialect: 'anthropic' });
    const events = await eventsOf(answer);
    expect(events.map((event) => event!['type'])).toEqual([
      'message_start',
      'content_block_start',
      ...Array<string>(TOKENS).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null, usage: { input_tokens: 6 } } });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: TOKENS } });
    expect(answer.usage()).toMatchObject({ quantities: { input_token: 6, output_token: TOKENS }, source: 'provider' });
  });

  it("is understood by Anthropic's own client, and is the plain answer", async () => {
    const asked = { model: 'sandbox-chat', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' } as const] };
    const message = await anthropic.messages.stream(asked).finalMessage();
    const whole = await anthropic.messages.create(asked);
    expect(message.content).toMatchObject([{ type: 'text', text: `${MADE_UP}"Hello".` }]);
    expect(whole.content).toEqual(message.content);
    expect(message.usage).toMatchObject({ input_tokens: 6, output_tokens: TOKENS });
    expect(whole.usage).toEqual(message.usage);
  });
});

describe.each(DIALECTS)('every stream of %s', (dialect) => {
  it('counts what was delivered so far as an estimate, and what was said in the end as reported', async () => {
    const answer = await streamed({ dialect });
    let delivered = 0;
    let seen = answer.usage();
    expect(seen).toMatchObject({ quantities: { input_token: 6, output_token: 0 }, source: 'estimate' });
    for await (const piece of answer.pieces) {
      if (isDelta(eventIn(piece))) delivered++;
      if (seen.source === 'estimate') seen = answer.usage();
      expect(answer.usage().quantities.output_token).toBe(delivered);
      if (delivered === 5) expect(answer.usage().source).toBe('estimate');
    }
    expect(answer.usage().source).toBe('provider');
  });

  it('stops with the reason of the signal at the next piece', async () => {
    const work = new AbortController();
    const reason = new Error('Gone.');
    const answer = await streamed({ dialect, signal: work.signal });
    let delivered = 0;
    const thrown = await thrownBy(
      (async () => {
        for await (const piece of answer.pieces) if (isDelta(eventIn(piece)) && ++delivered === 2) work.abort(reason);
      })(),
    );
    expect(thrown).toBe(reason);
    expect(delivered).toBe(2);
    expect(answer.usage()).toMatchObject({ quantities: { output_token: 2 }, source: 'estimate' });
  });

  it('gives everybody else a turn before each of its pieces', async () => {
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const events = await eventsOf(await streamed({ dialect }));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(events.length - 1);
  });
});

describe.each(DIALECTS)('the sandbox, told to fail in %s', (dialect) => {
  it.each([
    ['unavailable', { kind: 'overloaded', status: 503, retryAfterMs: null }],
    ['rate-limited', { kind: 'rate_limited', status: 429, retryAfterMs: 2000 }],
  ])('is %s for plain answers and streams alike', async (how, fault) => {
    for (const send of [plain, streamed]) {
      const thrown = await thrownBy(send({ dialect, model: `sandbox-chat-${how}` }));
      expect(thrown).toBeInstanceOf(ProviderFault);
      expect(thrown).toMatchObject(fault);
    }
  });

  it('refuses a request for what it says', async () => {
    const thrown = await thrownBy(plain({ dialect, model: 'sandbox-chat-refusing' }));
    expect(thrown).toBeInstanceOf(ProviderRefusal);
    expect(thrown).toMatchObject({ status: 400, code: 'content_policy_violation', param: null });
  });

  it('breaks after three tokens, and a plain answer at once', async () => {
    const answer = await streamed({ dialect, model: 'sandbox-chat-broken' });
    const { events, thrown } = await taken(answer);
    expect(thrown).toBeInstanceOf(ProviderFault);
    expect(thrown).toMatchObject({ kind: 'server_error', status: null });
    expect(events.filter(isDelta)).toHaveLength(3);
    expect(isDelta(events.at(-1))).toBe(true);
    expect(answer.usage()).toMatchObject({ quantities: { output_token: 3 }, source: 'estimate' });
    expect(await thrownBy(plain({ dialect, model: 'sandbox-chat-broken' }))).toMatchObject({
      kind: 'server_error',
      status: 500,
    });
  });

  it('breaks before the end of an answer that has fewer tokens than three', async () => {
    const answer = await streamed({ dialect, model: 'sandbox-chat-broken', body: { max_tokens: 1 } });
    const { events, thrown } = await taken(answer);
    expect(thrown).toMatchObject({ kind: 'server_error' });
    expect(events.filter(isDelta)).toHaveLength(1);
    expect(JSON.stringify(events)).not.toMatch(/"finish_reason":"|message_delta/);
  });

  it('is silent until it is given up', async () => {
    const work = new AbortController();
    const reason = new Error('Gone.');
    let isOver = false;
    const end = thrownBy(plain({ dialect, model: 'sandbox-chat-silent', signal: work.signal })).finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    work.abort(reason);
    expect(await end).toBe(reason);
  });
});

describe('pictures of the sandbox', () => {
  const pictures = async (body: Record<string, unknown>) => {
    const answer = await plain({ task: 'image', model: 'sandbox-image', body: { prompt: 'A tree', ...body } });
    return {
      ...answer,
      said: JSON.parse(String(answer.body)) as { data: Record<string, string>[] } & Record<string, unknown>,
    };
  };

  it('are PNGs as many as were asked for, medium squares unless said otherwise, and say that nothing was drawn', async () => {
    const { said, usage } = await pictures({ n: 2, size: 'auto', quality: 'auto' });
    expect(said).toMatchObject({ created: clock.now().getTime() / 1000, size: '1024x1024', quality: 'medium' });
    expect(said.data).toHaveLength(2);
    expect(said.data[0]!['revised_prompt']).toContain("Minutebook's sandbox drew nothing");
    const png = Buffer.from(said.data[0]!['b64_json']!, 'base64');
    expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
    expect(usage).toEqual({
      quantities: { image: 2 },
      source: 'provider',
      image: { quality: 'medium', size: '1024x1024' },
    });
    expect((await pictures({})).said).toMatchObject({ data: [{}], size: '1024x1024', quality: 'medium' });
  });

  it('are of the size and quality that were asked for', async () => {
    const { said, usage } = await pictures({ size: '1536x1024', quality: 'high', response_format: 'b64_json' });
    expect(said).toMatchObject({ size: '1536x1024', quality: 'high', data: [{ b64_json: expect.any(String) }] });
    expect(usage.image).toEqual({ quality: 'high', size: '1536x1024' });
  });

  it('have addresses that lead nowhere when addresses are asked for, the same every time', async () => {
    const asked = { n: 2, response_format: 'url' };
    const urls = (await pictures(asked)).said.data.map(({ url }) => url);
    expect(urls[0]).toMatch(/^https:\/\/sandbox\.invalid\/[0-9a-f]{24}-0\.png$/);
    expect(new Set(urls).size).toBe(2);
    expect((await pictures(asked)).said.data.map(({ url }) => url)).toEqual(urls);
    expect((await pictures({ ...asked, prompt: 'A house' })).said.data[0]!['url']).not.toBe(urls[0]);
  });
});
