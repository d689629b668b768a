import type { Dialect, JsonObject } from '#application/gateway/ai-provider';
import { anthropic, eventsOf, openai, plain, streamed, user } from '#test/support/ai/sandbox-world';

const MADE_UP = "Minutebook's sandbox made this answer up: no model was asked.";
const MODEL = 'sandbox-chat';

const SCHEMA = {
  type: 'object' as const,
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    days: { type: 'integer' },
    height: { type: 'number' },
    exact: { type: 'boolean' },
    names: { type: 'array', items: { type: 'string' } },
    place: { $ref: '#/$defs/place' },
    maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  $defs: { place: { type: 'object', properties: { zip: { type: ['null', 'string'] }, kind: { const: 'home' } } } },
};
const EXAMPLE = {
  city: 'example',
  unit: 'celsius',
  days: 1,
  height: 1,
  exact: true,
  names: ['example'],
  place: { zip: 'example', kind: 'home' },
  maybe: 'example',
};
const OPENAI_TOOLS = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: SCHEMA },
}));
const ANTHROPIC_TOOLS = ['get_weather', 'get_time'].map((name) => ({ name, input_schema: SCHEMA }));
const TOOLS = { openai: OPENAI_TOOLS, anthropic: ANTHROPIC_TOOLS };

interface Said {
  readonly text: string | null;
  readonly tool: string | null;
  readonly input: unknown;
  readonly reason: string;
  readonly input_token: number;
  readonly output_token: number;
}

interface Completion {
  readonly choices: readonly {
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
    };
    readonly finish_reason: string;
  }[];
  readonly usage: unknown;
}

interface Message {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly name?: string;
    readonly input?: unknown;
  }[];
  readonly stop_reason: string;
  readonly usage: unknown;
}

/** A plain answer in either dialect, in the same words. */
async function said(dialect: Dialect, body: JsonObject): Promise<Said> {
  const { body: answer, usage } = await plain({ dialect, body });
  const { input_token, output_token } = usage.quantities as { input_token: number; output_token: number };
  const counted = { input_token, output_token };
  if (dialect === 'anthropic') {
    const whole = JSON.parse(String(answer)) as Message;
    const { text = null, name = null, input } = whole.content[0]!;
    expect(whole.usage).toMatchObject({ input_tokens: input_token, output_tokens: output_token });
    return { text, tool: name, input, reason: whole.stop_reason, ...counted };
  }
  const whole = JSON.parse(String(answer)) as Completion;
  const { message, finish_reason: reason } = whole.choices[0]!;
  const call = message.tool_calls?.[0]?.function;
  expect(whole.usage).toMatchObject({ prompt_tokens: input_token, completion_tokens: output_token });
  const input: unknown = call && JSON.parse(call.arguments);
  return { text: message.content, tool: call?.name ?? null, input, reason, ...counted };
}

/** The arguments of calls in a stream, piece by piece. */
function argumentsIn(events: readonly (JsonObject | null)[]): readonly string[] {
  return events.flatMap((event) => {
    const said = /"(?:arguments|partial_json)":("(?:[^"\\]|\\.)+")/.exec(JSON.stringify(event));
    return said ? [JSON.parse(said[1]!) as string] : [];
  });
}

describe.each(['openai', 'anthropic'] as const)('an answer of the sandbox to %s', (dialect) => {
  const tools = TOOLS[dialect];
  const isOpenAi = dialect === 'openai';

  it('says that it is made up, and repeats the last message of the user', async () => {
    const messages = [
      user('First'),
      { role: 'assistant', content: 'Yes?' },
      user([{ type: 'text', text: 'Second\n one' }]),
    ];
    expect((await said(dialect, { messages })).text).toBe(`${MADE_UP} Your message ends with: "Second one".`);
  });

  it('repeats only the end of a long message, cut between characters', async () => {
    const { text } = await said(dialect, { messages: [user(`${'🙂'.repeat(5000)}end`)] });
    expect(text).toBe(`${MADE_UP} Your message ends with: "…${'🙂'.repeat(297)}end".`);
    expect((await said(dialect, { messages: [user(`${'a '.repeat(900)}`)] })).text).toContain(`"…a a`);
    expect((await said(dialect, { messages: [user('b'.repeat(301))] })).text).toContain(`"…${'b'.repeat(300)}"`);
    expect((await said(dialect, { messages: [user('b'.repeat(300))] })).text).toContain(`"${'b'.repeat(300)}"`);
    // Of what is looked at, the first is the second half of a character.
    expect((await said(dialect, { messages: [user(`🙂${' '.repeat(1198)}e`)] })).text).toContain('"…e"');
    const spaced = await said(dialect, { messages: [user('Hello  \n there ')] });
    expect(spaced.text).toContain('"Hello there".');
  });

  it('counts what goes in by its bytes in UTF-8, four a token, and four tokens a message', async () => {
    // 5 + 6 bytes in two messages.
    const messages = [
      user('Hello'),
      user([
        { type: 'text', text: '中文' },
        { type: 'image_url', image_url: { url: 'x' } },
      ]),
    ];
    expect((await said(dialect, { messages })).input_token).toBe(3 + 8);
  });

  it('ends where the caller said, and says that this is why', async () => {
    const answer = await said(dialect, { max_tokens: 3 });
    expect(answer).toMatchObject({
      text: "Minutebook's sandbox",
      output_token: 3,
      reason: isOpenAi ? 'length' : 'max_tokens',
    });
    const exact = await said(dialect, { max_tokens: 16 });
    expect(exact).toMatchObject({ output_token: 16, reason: isOpenAi ? 'stop' : 'end_turn' });
  });

  it.each(['Use a tool, please', 'What is the weather?'])(
    'calls the first tool when the user says: %s',
    async (words) => {
      const answer = await said(dialect, { tools, messages: [user(words)] });
      expect(answer).toMatchObject({
        tool: 'get_weather',
        input: EXAMPLE,
        reason: isOpenAi ? 'tool_calls' : 'tool_use',
      });
    },
  );

  it('calls no tool for other words, when it is told not to, or without one', async () => {
    const weather = [user('What is the weather?')];
    const none = isOpenAi ? 'none' : { type: 'none' };
    for (const body of [
      { tools, messages: [user('A toolbox')] },
      { tools, messages: weather, tool_choice: none },
      { messages: weather },
    ]) {
      expect(await said(dialect, body)).toMatchObject({ tool: null, reason: isOpenAi ? 'stop' : 'end_turn' });
    }
  });

  it('calls a tool that it must call, the one that is named', async () => {
    const any = isOpenAi ? 'required' : { type: 'any' };
    const named = (name: string) => (isOpenAi ? { type: 'function', function: { name } } : { type: 'tool', name });
    expect((await said(dialect, { tools, tool_choice: any })).tool).toBe('get_weather');
    expect((await said(dialect, { tools, tool_choice: named('get_time') })).tool).toBe('get_time');
    await expect(said(dialect, { tools, tool_choice: named('get_rich') })).rejects.toMatchObject({
      status: 400,
      param: 'tool_choice',
    });
  });

  it('quotes what the tool answered instead of calling it again', async () => {
    const messages = isOpenAi
      ? [
          user('weather?'),
          { role: 'assistant', tool_calls: [] },
          { role: 'tool', tool_call_id: '1', content: '21 degrees' },
        ]
      : [
          user('weather?'),
          user([{ type: 'tool_result', tool_use_id: '1', content: [{ type: 'text', text: '21 degrees' }] }]),
        ];
    const answer = await said(dialect, { tools, messages });
    expect(answer).toMatchObject({ tool: null, text: `${MADE_UP} The tool's result ends with: "21 degrees".` });
    // 8 + 10 bytes.
    expect(answer.input_token).toBe(5 + 4 * messages.length);
  });

  it('is JSON of the schema that was asked for', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } };
    const body = isOpenAi
      ? { response_format: format }
      : { output_config: { format: { type: 'json_schema', schema: SCHEMA } } };
    expect(JSON.parse((await said(dialect, body)).text!)).toEqual(EXAMPLE);
  });

  it('ends, though a schema is made of itself', async () => {
    const properties = Object.fromEntries([...'abcdefgh'].map((name) => [name, { $ref: '#' }]));
    const schema = { type: 'object', properties };
    const format = { type: 'json_schema', json_schema: { schema } };
    const body = isOpenAi
      ? { response_format: format }
      : { output_config: { format: { type: 'json_schema', schema } } };
    const { text, output_token } = await said(dialect, body);
    expect(JSON.parse(text!)).toMatchObject({ a: { a: {} } });
    expect(output_token).toBeLessThanOrEqual(4096);
  });

  it('goes eight levels down into a schema, and says null there', async () => {
    const chain = { type: 'object', properties: { next: { $ref: '#' } } };
    const body = isOpenAi
      ? { response_format: { type: 'json_schema', json_schema: { schema: chain } } }
      : { output_config: { format: { type: 'json_schema', schema: chain } } };
    // A reference is a level, too.
    expect((await said(dialect, body)).text).toBe('{"next":{"next":{"next":{"next":{"next":null}}}}}');
  });

  it('delivers a call in pieces of one token each, as many as it reports', async () => {
    const answer = await streamed({ dialect, body: { tools, messages: [user('weather')] } });
    const events = await eventsOf(answer);
    const whole = await said(dialect, { tools, messages: [user('weather')] });
    const pieces = argumentsIn(events);
    expect(JSON.parse(pieces.join(''))).toEqual(EXAMPLE);
    expect(pieces).toHaveLength(whole.output_token);
    expect(answer.usage().quantities.output_token).toBe(whole.output_token);
  });
});

describe('an answer of the sandbox', () => {
  it("is a small JSON object when OpenAI's callers ask for JSON of any shape", async () => {
    const { text } = await said('openai', { response_format: { type: 'json_object' } });
    expect(JSON.parse(text!)).toEqual({ sandbox: true, answer: `${MADE_UP} Your message ends with: "Hello".` });
  });

  it('comes as many times as choices were asked for, and is counted as often', async () => {
    const { body, usage } = await plain({ body: { n: 3, max_completion_tokens: 5 } });
    const { choices } = JSON.parse(String(body)) as { choices: { index: number }[] };
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(usage.quantities.output_token).toBe(15);
  });

  it("never has more tokens than the price list's bound, whatever is asked for", async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => [`field ${index}`, { type: 'string' }]);
    const schema = { type: 'object', properties: Object.fromEntries(names) };
    const response_format = { type: 'json_schema', json_schema: { schema } };
    const answer = await plain({ body: { response_format, max_tokens: 1_000_000 } });
    expect(answer.usage.quantities.output_token).toBe(4096);
  });

  it("counts Anthropic's system prompt as text that goes in", async () => {
    expect((await said('anthropic', { system: 'Be brief.' })).input_token).toBe(Math.ceil(14 / 4) + 4);
    expect((await said('anthropic', { system: [{ type: 'text', text: 'Be brief.' }] })).input_token).toBe(8);
  });

  it('has no input when a call of a message was cut short, as half of it is no JSON', async () => {
    const answer = await said('anthropic', { tools: ANTHROPIC_TOOLS, messages: [user('weather')], max_tokens: 2 });
    expect(answer.input).toEqual({});
    expect(answer).toMatchObject({ tool: 'get_weather', reason: 'max_tokens', output_token: 2 });
  });

  it("calls none of Anthropic's own tools, which have no schema", async () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    expect((await said('anthropic', { tools, messages: [user('weather')] })).tool).toBeNull();
  });

  it("calls tools as OpenAI's own client understands it", async () => {
    const messages = [{ role: 'user' as const, content: 'weather' }];
    const stream = openai.chat.completions.stream({ model: MODEL, messages, tools: OPENAI_TOOLS });
    const [choice] = (await stream.finalChatCompletion()).choices;
    const call = choice!.message.tool_calls![0]!;
    expect(choice!.finish_reason).toBe('tool_calls');
    expect(call.id).toMatch(/^call_sandbox_/);
    expect(call.function.name).toBe('get_weather');
    expect(JSON.parse(call.function.arguments)).toEqual(EXAMPLE);
  });

  it("calls tools as Anthropic's own client understands it", async () => {
    const messages = [{ role: 'user' as const, content: 'weather' }];
    const stream = anthropic.messages.stream({ model: MODEL, max_tokens: 500, messages, tools: ANTHROPIC_TOOLS });
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: EXAMPLE }]);
  });
});
