import type { MigrationInterface, QueryRunner } from 'typeorm';

type Modality = 'chat' | 'image' | 'transcription';
type Rates = Readonly<Record<string, number>>;

/** What a model costs and can do, whoever serves it. Rates are micro-USD for a million units: 150 000 is 0.15 USD. */
interface Model {
  readonly modality: Modality;
  readonly rates: Rates;
  readonly longContext: { readonly above_tokens: number; readonly rates: Rates } | null;
  readonly traits: {
    readonly context_tokens: number | null;
    readonly max_output_tokens: number | null;
    readonly features: readonly string[];
  };
}

/** A model under the name that callers use, and who serves it under which name: in order of preference, the sandbox last. */
interface Route {
  readonly model: string;
  readonly what: Model;
  readonly targets: readonly (readonly [provider: string, model: string, source: string])[];
}

const SINCE = '2025-01-01T00:00:00Z';
const OPENAI = 'https://openai.com/api/pricing';
const ANTHROPIC = 'https://docs.claude.com/en/docs/about-claude/pricing';

const GPT = ['tools', 'vision', 'json'];
const REASONING_GPT = [...GPT, 'reasoning'];
const CLAUDE = ['tools', 'vision', 'reasoning'];

const GPT_4O_MINI = chat([128_000, 16_384, GPT], { input_token: 150_000, cached_token: 75_000, output_token: 600_000 });
const SANDBOX_CHAT = chat([128_000, 4096, REASONING_GPT], GPT_4O_MINI.rates);

const GPT_IMAGE = other('image', {
  'image/low/1024x1024': 9_000_000_000,
  'image/low/1024x1536': 13_000_000_000,
  'image/low/1536x1024': 13_000_000_000,
  'image/medium/1024x1024': 34_000_000_000,
  'image/medium/1024x1536': 50_000_000_000,
  'image/medium/1536x1024': 50_000_000_000,
  'image/high/1024x1024': 133_000_000_000,
  'image/high/1024x1536': 200_000_000_000,
  'image/high/1536x1024': 200_000_000_000,
});
// Without a quality and a size it makes a standard square.
const DALL_E_3 = other('image', {
  image: 40_000_000_000,
  'image/1024x1792': 80_000_000_000,
  'image/1792x1024': 80_000_000_000,
  'image/hd': 80_000_000_000,
  'image/hd/1024x1792': 120_000_000_000,
  'image/hd/1792x1024': 120_000_000_000,
});
const DALL_E_2 = other('image', {
  image: 20_000_000_000,
  'image/512x512': 18_000_000_000,
  'image/256x256': 16_000_000_000,
});

const WHISPER = other('transcription', { audio_second: 100_000_000 });

const ROUTES: readonly Route[] = [
  gpt('gpt-4o-mini', GPT_4O_MINI),
  gpt('gpt-5.4-nano', gpt5({ input_token: 200_000, cached_token: 20_000, output_token: 1_250_000 })),
  gpt('gpt-5.4-mini', gpt5({ input_token: 750_000, cached_token: 75_000, output_token: 4_500_000 })),
  gpt('gpt-5', gpt5({ input_token: 1_250_000, cached_token: 125_000, output_token: 10_000_000 })),
  gpt('gpt-5.1', gpt5({ input_token: 1_250_000, cached_token: 125_000, output_token: 10_000_000 })),
  gpt('gpt-5.2', gpt5({ input_token: 1_750_000, cached_token: 175_000, output_token: 14_000_000 })),
  claude('claude-haiku-4-5', 'claude-haiku-4-5', 'anthropic/claude-haiku-4.5', {
    input_token: 1_000_000,
    cached_token: 100_000,
    cache_write_token: 1_250_000,
    cache_write_1h_token: 2_000_000,
    output_token: 5_000_000,
  }),
  claude(
    'claude-sonnet-4',
    // Anthropic knows this one by its date alone.
    'claude-sonnet-4-20250514',
    'anthropic/claude-sonnet-4',
    {
      input_token: 3_000_000,
      cached_token: 300_000,
      cache_write_token: 3_750_000,
      cache_write_1h_token: 6_000_000,
      output_token: 15_000_000,
    },
    {
      above_tokens: 200_000,
      rates: {
        input_token: 6_000_000,
        cached_token: 600_000,
        cache_write_token: 7_500_000,
        cache_write_1h_token: 12_000_000,
        output_token: 22_500_000,
      },
    },
  ),
  claude('claude-opus-4-5', 'claude-opus-4-5', 'anthropic/claude-opus-4.5', {
    input_token: 5_000_000,
    cached_token: 500_000,
    cache_write_token: 6_250_000,
    cache_write_1h_token: 10_000_000,
    output_token: 25_000_000,
  }),
  route(
    'deepseek-chat',
    chat([128_000, 8192, ['tools', 'json']], { input_token: 280_000, cached_token: 28_000, output_token: 420_000 }),
    [openrouter('deepseek/deepseek-chat')],
  ),
  route('gpt-image-1.5', GPT_IMAGE, [['openai', 'gpt-image-1.5', OPENAI]]),
  route('dall-e-3', DALL_E_3, [['openai', 'dall-e-3', OPENAI]]),
  route('dall-e-2', DALL_E_2, [['openai', 'dall-e-2', OPENAI]]),
  route('whisper-1', WHISPER, [['openai', 'whisper-1', OPENAI]]),
  // By the token or by the second: whichever the provider reports.
  route(
    'gpt-4o-transcribe',
    other('transcription', { audio_second: 100_000_000, input_token: 2_500_000, output_token: 10_000_000 }),
    [['openai', 'gpt-4o-transcribe', OPENAI]],
  ),
  route(
    'gpt-4o-mini-transcribe',
    other('transcription', { audio_second: 50_000_000, input_token: 1_250_000, output_token: 5_000_000 }),
    [['openai', 'gpt-4o-mini-transcribe', OPENAI]],
  ),
  ...['', '-unavailable', '-rate-limited', '-broken', '-silent', '-refusing'].map((how) =>
    route(`sandbox-chat${how}`, SANDBOX_CHAT, [], 'gpt-4o-mini'),
  ),
  route('sandbox-image', GPT_IMAGE, [], 'gpt-image-1.5'),
  route('sandbox-transcribe', WHISPER, [], 'whisper-1'),
];

const PRICES = ROUTES.flatMap(({ what, targets }) =>
  targets.map(([provider, model, source]) => ({ provider, model, what, source })),
).map((price, index) => ({ ...price, id: `0197a000-0000-7000-8001-${String(index + 1).padStart(12, '0')}` }));

/** What the gateway serves from the start: list prices, each with the page it was read from, and made-up ones of the sandbox. */
export class ModelPrices1764547200005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { id, provider, model, what, source } of PRICES) {
      const longContext = what.longContext && { ...what.longContext, rates: written(what.longContext.rates) };
      await runner.query(
        `insert into model_prices (id, provider, model, modality, rates, long_context, traits, effective_from, source)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [id, provider, model, what.modality, written(what.rates), longContext, what.traits, SINCE, source],
      );
    }
    for (const { model, targets } of ROUTES) {
      await runner.query(
        `insert into model_routes (model, effective_from, targets, source) values ($1, $2, $3, 'delivered with Minutebook')`,
        [model, SINCE, JSON.stringify(targets.map(([provider, name]) => ({ provider, model: name })))],
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table model_prices disable trigger model_prices_are_dated`);
    await runner.query(`alter table model_routes disable trigger model_routes_are_dated`);
    await runner.query(`delete from model_prices where id = any($1)`, [PRICES.map(({ id }) => id)]);
    await runner.query(`delete from model_routes where model = any($1) and effective_from = $2`, [
      ROUTES.map(({ model }) => model),
      SINCE,
    ]);
    await runner.query(`alter table model_prices enable trigger model_prices_are_dated`);
    await runner.query(`alter table model_routes enable trigger model_routes_are_dated`);
  }
}

/** Integers as text: no reader makes a float of them. */
function written(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, String(rate)]));
}

function chat(
  [context_tokens, max_output_tokens, features]: readonly [number, number, readonly string[]],
  rates: Rates,
  longContext: Model['longContext'] = null,
): Model {
  return { modality: 'chat', rates, longContext, traits: { context_tokens, max_output_tokens, features } };
}

function other(modality: Modality, rates: Rates): Model {
  const traits = { context_tokens: null, max_output_tokens: null, features: [] };
  return { modality, rates, longContext: null, traits };
}

function gpt5(rates: Rates): Model {
  return chat([400_000, 128_000, REASONING_GPT], rates);
}

function gpt(model: string, what: Model): Route {
  return route(model, what, [['openai', model, OPENAI], openrouter(`openai/${model}`)]);
}

function claude(
  model: string,
  own: string,
  openrouterName: string,
  rates: Rates,
  longContext: Model['longContext'] = null,
): Route {
  const what = chat([200_000, 64_000, CLAUDE], rates, longContext);
  return route(model, what, [['anthropic', own, ANTHROPIC], openrouter(openrouterName)]);
}

function openrouter(model: string): readonly [provider: string, model: string, source: string] {
  return ['openrouter', model, `https://openrouter.ai/${model}`];
}

function route(model: string, what: Model, targets: Route['targets'], like = model): Route {
  return { model, what, targets: [...targets, ['sandbox', model, `made up: priced like ${like}`]] };
}
