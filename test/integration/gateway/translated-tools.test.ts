import Anthropic from '@anthropic-ai/sdk';
import { answers, chunk, COMPLETION, DONE, sse, streams, usageChunk } from '#test/support/ai/openai-double';
import type { TestUser } from '#test/support/app';
import { UpstreamWorld } from './upstream-world.js';
import { ABOUT, ANTHROPIC_TOOLS, ARGUMENTS, FORECAST, PIXEL, SCHEMA } from './weather.js';

describe('Tools and pictures of the Anthropic client at a provider that speaks OpenAI', () => {
  let world: UpstreamWorld;
  let anthropic: Anthropic;
  let user: TestUser;
  beforeAll(async () => {
    world = await UpstreamWorld.start();
    user = await world.user();
    anthropic = new Anthropic({ apiKey: user.key, baseURL: world.app.url });
  });
  afterAll(() => world.stop());

  const call = (given: string) => ({
    id: 'call_1',
    type: 'function',
    function: { name: 'forecast', arguments: given },
  });
  const ASK = { model: 'gpt-4o-mini', max_tokens: 200, tools: ANTHROPIC_TOOLS };

  it('are understood there, and come back as Anthropic writes them', async () => {
    const message = { role: 'assistant', content: null, tool_calls: [call(JSON.stringify(ARGUMENTS))] };
    world.openai.does(answers({ ...COMPLETION, choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }));
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: PIXEL };
    const answer = await anthropic.messages.create({
      ...ASK,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source },
            { type: 'text', text: ABOUT },
          ],
        },
      ],
    });
    expect(answer).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', name: 'forecast', input: ARGUMENTS }],
    });
    const { body } = world.openai.lastRequest;
    expect(body['tools']).toMatchObject([{ type: 'function', function: { name: 'forecast', parameters: SCHEMA } }]);
    expect(body['messages']).toMatchObject([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
          { type: 'text', text: ABOUT },
        ],
      },
    ]);
    const { id } = answer.content[0] as Anthropic.ToolUseBlock;
    world.openai.does(answers(COMPLETION));
    await anthropic.messages.create({
      ...ASK,
      messages: [
        { role: 'user', content: ABOUT },
        { role: 'assistant', content: answer.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: FORECAST }] },
      ],
    });
    expect(world.openai.lastRequest.body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ ...call(JSON.stringify(ARGUMENTS)), id }] },
      { role: 'tool', tool_call_id: id, content: FORECAST },
    ]);
  });

  it('are put together from a stream, whose first piece brings a part of the arguments already', async () => {
    const text = JSON.stringify(ARGUMENTS);
    const delta = (given: string) => chunk({ tool_calls: [{ index: 0, function: { arguments: given } }] });
    world.openai.does(
      streams([
        chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, ...call(text.slice(0, 5)) }] }),
        delta(text.slice(5, 20)),
        // Traps of those who translate: nothing in it, in two ways.
        chunk({ tool_calls: [] }),
        delta(''),
        delta(text.slice(20)),
        chunk({}, 'tool_calls'),
        usageChunk(),
        DONE,
      ]),
    );
    const message = await anthropic.messages
      .stream({ ...ASK, messages: [{ role: 'user', content: ABOUT }] })
      .finalMessage();
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', name: 'forecast', input: ARGUMENTS }],
      usage: { output_tokens: COMPLETION.usage.completion_tokens },
    });
    expect((await world.settled(user)).at(-1)).toMatchObject({ outcome: 'completed', usage_source: 'provider' });
  });

  it('an error of the provider in mid-stream is thrown by the client', async () => {
    world.openai.does(
      streams([
        chunk({ role: 'assistant', content: 'Grüe' }),
        sse({ error: { message: 'overloaded', type: 'server_error' } }),
      ]),
    );
    const asked = anthropic.messages.stream({ ...ASK, messages: [{ role: 'user', content: ABOUT }] }).finalMessage();
    await expect(asked).rejects.toBeInstanceOf(Anthropic.APIError);
    expect((await world.settled(user)).at(-1)).toMatchObject({ outcome: 'cut_short', usage_source: 'estimate' });
  });
});
