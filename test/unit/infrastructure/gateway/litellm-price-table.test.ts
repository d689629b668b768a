import { readFileSync } from 'node:fs';
import { type PriceCandidate, PriceTableUnreadable } from '#application/gateway/price-table';
import { LiteLlmPriceTable } from '#infrastructure/gateway/litellm-price-table';

const table = new LiteLlmPriceTable();
const { candidates, leftOut } = table.read(readFileSync('test/fixtures/gateway/price-table.json', 'utf8'), []);

function price(name: string): PriceCandidate {
  const found = candidates.filter(({ provider, model }) => `${provider}/${model}` === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}
const reason = (entry: string): string | undefined => leftOut.find((one) => one.entry === entry)?.reason;

/** What is read of one entry, named `x`, of OpenAI. */
function entry(fields: Readonly<Record<string, unknown>>): { rates: unknown; reason: string | null } {
  const contents = table.read(JSON.stringify({ x: { litellm_provider: 'openai', ...fields } }), []);
  return { rates: contents.candidates[0]?.rates ?? null, reason: contents.leftOut[0]?.reason ?? null };
}
const chat = (fields: Readonly<Record<string, unknown>>): ReturnType<typeof entry> =>
  entry({ mode: 'chat', ...fields });

describe("LiteLLM's table of prices", () => {
  it('is read exactly: USD for one token become micro-USD for a million, without a float', () => {
    expect(price('openai/gpt-4o-mini').rates).toEqual({
      input_token: 150_000n,
      cached_token: 75_000n,
      output_token: 600_000n,
    });
    expect(price('openai/gpt-5.4-mini').rates).toEqual({
      input_token: 750_000n,
      cached_token: 75_000n,
      output_token: 4_500_000n,
      reasoning_token: 5_000_000n,
    });
    expect(price('dashscope/qwen-turbo').rates).toEqual({ input_token: 50_000n, output_token: 200_000n });
    expect(candidates.filter(({ rounded }) => rounded.length > 0).map(({ model }) => model)).toEqual(['odd-rate']);
  });

  it.each([
    [1e-7, 100_000n],
    [1.1e-7, 110_000n],
    [2.8e-7, 280_000n],
    [0.000003, 3_000_000n],
    [1.15e-6, 1_150_000n],
    [4.35e-6, 4_350_000n],
    ['0.00000015', 150_000n],
    [1, 1_000_000_000_000n],
  ])('reads %p as %p', (usd, micros) => {
    expect(chat({ input_cost_per_token: usd, output_cost_per_token: 0 }).rates).toEqual({
      input_token: micros,
      output_token: 0n,
    });
  });

  it('rounds half up what is no whole micro-USD for a million, and says so', () => {
    const { rates, rounded } = price('together/odd-rate');
    expect(rates).toEqual({ input_token: 123_457n, output_token: 1_000_001n });
    expect(rounded).toEqual([
      'together_ai/odd-rate: input_cost_per_token',
      'together_ai/odd-rate: output_cost_per_token',
    ]);
  });

  it('takes zero for a price, and only what is absent or null for none', () => {
    expect(price('openrouter/free-for-now').rates).toEqual({ input_token: 0n, output_token: 0n });
    const read = chat({ input_cost_per_token: 1e-6, output_cost_per_token: 0, cache_read_input_token_cost: null });
    expect(read.rates).toEqual({ input_token: 1_000_000n, output_token: 0n });
    expect(price('mistral/free-transcribe').rates).toEqual({ audio_second: 0n });
  });

  it('does not let output_cost_per_second: 0.0 make transcription free', () => {
    expect(price('openai/whisper-1').rates).toEqual({ audio_second: 100_000_000n });
    expect(price('openai/gpt-4o-transcribe').rates).toEqual({
      audio_second: 100_000_000n,
      input_token: 2_500_000n,
      audio_token: 6_000_000n,
      output_token: 10_000_000n,
    });
    expect(reason('tokens-alone-transcribe')).toMatch(/no price for a second/);
    const two = entry({ mode: 'audio_transcription', input_cost_per_second: 0.0001, output_cost_per_second: 0.0002 });
    expect(two.reason).toMatch(/input_cost_per_second and output_cost_per_second differ/);
    const same = entry({ mode: 'audio_transcription', input_cost_per_second: 0.0001, output_cost_per_second: 0.0001 });
    expect(same.rates).toEqual({ audio_second: 100_000_000n });
    const output = entry({ mode: 'audio_transcription', output_cost_per_second: 0.0002 });
    expect(output.rates).toEqual({ audio_second: 200_000_000n });
  });

  it('keeps the rates of a long context apart, and reads one bound alone', () => {
    expect(price('anthropic/claude-sonnet-4-20250514')).toMatchObject({
      rates: {
        input_token: 3_000_000n,
        cached_token: 300_000n,
        cache_write_token: 3_750_000n,
        cache_write_1h_token: 6_000_000n,
        output_token: 15_000_000n,
      },
      longContext: {
        aboveTokens: 200_000,
        rates: {
          input_token: 6_000_000n,
          cached_token: 600_000n,
          cache_write_token: 7_500_000n,
          output_token: 22_500_000n,
        },
      },
    });
    expect(reason('two-bounds')).toMatch(/above 128k and 200k tokens/);
    expect(price('openai/gpt-5.4-mini').longContext).toBeNull();
  });

  it('finds the price of an image in the key, under input or under output, and gathers its variants', () => {
    expect(price('openai/gpt-image-1.5')).toMatchObject({
      modality: 'image',
      rates: { 'image/low/1024x1024': 9_000_000_000n, 'image/medium/1024x1536': 50_000_000_000n },
    });
    expect(price('openai/dall-e-3').rates).toEqual({ image: 40_000_000_000n });
    expect(price('together/some/flux').rates).toEqual({ image: 2_700_000_000n });
    expect(reason('1024-x-1024/dall-e-2')).toMatch(/no price for an image/);
    const twice = table.read(
      JSON.stringify({
        'hd/x': { litellm_provider: 'openai', mode: 'image_generation', input_cost_per_image: 1 },
        'openai/hd/x': { litellm_provider: 'openai', mode: 'image_generation', input_cost_per_image: 2 },
      }),
      [],
    );
    expect([twice.candidates, twice.leftOut.map(({ entry: name }) => name)]).toEqual([[], ['hd/x', 'openai/hd/x']]);
  });

  it("knows providers by our names, and models by their providers' own", () => {
    expect(candidates.map(({ provider, model }) => `${provider} ${model}`).sort()).toEqual([
      'anthropic claude-sonnet-4-20250514',
      'dashscope qwen-turbo',
      'deepseek deepseek-chat',
      'fireworks accounts/fireworks/models/some-llm',
      'mistral free-transcribe',
      'openai dall-e-3',
      'openai gpt-4o-mini',
      'openai gpt-4o-transcribe',
      'openai gpt-5.4-mini',
      'openai gpt-image-1.5',
      'openai whisper-1',
      'openrouter free-for-now',
      'openrouter openai/gpt-4o-mini',
      'together odd-rate',
      'together some/flux',
    ]);
    expect(price('openai/gpt-5.4-mini').source).toBe(
      "LiteLLM's price table, gpt-5.4-mini (https://openai.com/api/pricing/)",
    );
  });

  it('reads what a model can take and do, and nothing that is not said', () => {
    expect(price('openai/gpt-4o-mini').traits).toEqual({
      contextTokens: 128_000,
      maxOutputTokens: 16_384,
      features: ['tools', 'vision', 'json'],
    });
    expect(price('openrouter/free-for-now').traits).toEqual({
      contextTokens: null,
      maxOutputTokens: null,
      features: [],
    });
  });

  it('leaves out what cannot be charged by it, with the reason', () => {
    expect(Object.fromEntries(leftOut.map((one) => [one.entry, one.reason]))).toEqual({
      'two-bounds': 'it has rates above 128k and 200k tokens: one bound can be kept',
      'dashscope/qwen-plus': 'its price has tiers (tiered_pricing), which are not read',
      'gpt-4o-audio-preview': 'it also charges by output_cost_per_audio_token, which is not metered',
      'no-output-price': 'it has no output_cost_per_token',
      'mistral/word-for-a-price': 'input_cost_per_token is "cheap", which is no price; it has no input_cost_per_token',
      'tokens-alone-transcribe': 'it has no price for a second, so what it costs is not known before it is sent',
      'text-embedding-3-small': 'its mode embedding is not served',
      'deepgram/nova-2': 'its provider deepgram is not served, unless --provider names it',
      'not-an-entry': 'it is no JSON object',
      'deepseek-reasoner':
        'deepseek-reasoner and deepseek/deepseek-reasoner name different prices of deepseek-reasoner, and which holds is not said',
      'deepseek/deepseek-reasoner':
        'deepseek-reasoner and deepseek/deepseek-reasoner name different prices of deepseek-reasoner, and which holds is not said',
      '1024-x-1024/dall-e-2': 'it has no price for an image, so what it costs is not known before it is made',
    });
    expect(leftOut.find((one) => one.entry === 'deepgram/nova-2')?.provider).toBeNull();
  });

  it.each(['', '{"a": ', '[]', 'null', '12'])('is refused as a whole when the file is %p', (text) => {
    expect(() => table.read(text, [])).toThrow(PriceTableUnreadable);
  });

  it.each([-1, '1,5', 'Infinity', true, [], {}])('takes no %p for a price', (value) => {
    const read = chat({ input_cost_per_token: value, output_cost_per_token: 1e-6 });
    expect(read.reason).toContain(`input_cost_per_token is ${JSON.stringify(value)}, which is no price`);
  });

  it("reads a provider of the operator's own, who names it", () => {
    const text = JSON.stringify({
      'local/llama': {
        litellm_provider: 'local',
        mode: 'chat',
        input_cost_per_token: 1e-7,
        output_cost_per_token: 2e-7,
      },
    });
    expect(table.read(text, []).leftOut).toMatchObject([{ provider: null }]);
    expect(table.read(text, ['local']).candidates).toMatchObject([{ provider: 'local', model: 'llama' }]);
  });

  it('does not take names that every object has for providers or modes', () => {
    expect(chat({ litellm_provider: 'constructor' }).reason).toMatch(/provider constructor is not served/);
    expect(entry({ mode: 'toString' }).reason).toMatch(/mode toString is not served/);
  });
});
