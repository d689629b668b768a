import { ProviderFault } from '#application/gateway/ai-provider';
import { anAsk, aServedDesk, type GatewayDesk } from '#test/support/gateway-desk';

const down = new ProviderFault('server_error', 'Down.', 500, null);

describe('the trace of a request', () => {
  const spans = (desk: GatewayDesk) => desk.tracing.finished.map(({ name, parent }) => [name, parent]);

  it('is one span with the hold, the provider and the settlement as its parts', async () => {
    const { desk } = await aServedDesk();
    await desk.ask(anAsk({ traceparent: 'their-trace' }));
    expect(spans(desk)).toEqual([
      ['hold', 'chat small'],
      ['provider openai', 'chat small'],
      ['settle', 'chat small'],
      ['chat small', null],
    ]);
    expect(desk.tracing.finished.at(-1)).toMatchObject({
      traceparent: 'their-trace',
      error: undefined,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'small',
        'gen_ai.response.model': 'gpt-4o-mini',
        'gen_ai.provider.name': 'openai',
        'gen_ai.usage.input_tokens': 80,
        'gen_ai.usage.output_tokens': 40,
        'minutebook.request_id': 'req-1',
        'minutebook.cost_micros': 36,
        'minutebook.outcome': 'completed',
      },
    });
  });

  it('ends with each of its parts, whatever failed', async () => {
    const failing = await aServedDesk();
    failing.openai.answers = [down];
    await expect(failing.desk.ask()).rejects.toThrow();
    expect(spans(failing.desk).map(([name]) => name)).toEqual(['hold', 'provider openai', 'settle', 'chat small']);
    expect(failing.desk.tracing.finished[1]!.error).toBe(down);
    expect(failing.desk.tracing.finished.at(-1)).toMatchObject({ attributes: { 'minutebook.outcome': 'failed' } });
    expect(failing.desk.tracing.finished.at(-1)!.error).toMatchObject({ code: 'all_providers_failed' });
    expect(failing.desk.tracing.unfinished).toEqual([]);

    const { desk } = await aServedDesk();
    await expect(desk.ask(anAsk({ demand: { outputTokens: 1_000_000 } }))).rejects.toThrow();
    expect(desk.tracing.finished.map(({ name, error }) => [name, (error as { code?: string }).code])).toEqual([
      ['hold', 'insufficient_credits'],
      ['chat small', 'insufficient_credits'],
    ]);
  });
});
