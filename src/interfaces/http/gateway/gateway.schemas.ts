/**
 * What is asked and answered under `/v1`: the fields that the gateway itself reads. Every other field is between the caller and
 * the provider, and passes as it is.
 */
type Schema = Readonly<Record<string, unknown>>;

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const count = (maximum: number, description: string): Schema => ({
  type: ['integer', 'null'],
  minimum: 1,
  maximum,
  description,
});
const list = (items: Schema, description: string): Schema => ({ type: 'array', description, items });
const open = (required: readonly string[], properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  required,
  additionalProperties: true,
  properties,
});

const MODEL = text('The name of a model, as `GET /v1/models` lists it.', {
  pattern: '^[\\x21-\\x7e]{1,200}$',
  examples: ['gpt-4o-mini'],
});
const STREAM: Schema = {
  type: ['boolean', 'null'],
  default: false,
  description: 'Answers event by event (`text/event-stream`).',
};
const MESSAGES = (description: string): Schema => ({
  ...list({ type: 'object', additionalProperties: true }, description),
  minItems: 1,
});
const TOOLS = list(
  { type: 'object', additionalProperties: true },
  'Tools that the caller runs. Those that a provider runs itself (`web_search…`, `web_fetch…`, `code_execution…`) have no price here.',
);
const MOST_TOKENS = 10_000_000;
const LONGEST =
  'How many tokens the answer may have at most. What it can cost at most is reserved: less needs less credit.';
const UNPRICED = {
  service_tier: text('Not `priority`: that has no price here.'),
  speed: text('`standard`, or left out: nothing else has a price here.'),
  inference_geo: { type: 'null', description: 'A region of its own has no price here.' },
};

const ERROR_FACTS: Schema = {
  type: 'object',
  additionalProperties: true,
  description:
    'The numbers and names that were compared. With 402 `reason` is `held_by_running_requests`, `balance_empty` or `balance_too_low`.',
};

export const GATEWAY_SCHEMAS: Readonly<Record<string, Schema>> = {
  ChatCompletionRequest: open(['model', 'messages'], {
    model: MODEL,
    messages: MESSAGES("The conversation, in OpenAI's form; pictures as `image_url`."),
    stream: STREAM,
    max_completion_tokens: count(MOST_TOKENS, `${LONGEST} For all of \`n\` alike.`),
    max_tokens: count(MOST_TOKENS, 'The older name of `max_completion_tokens`.'),
    n: count(128, 'How many answers.'),
    tools: TOOLS,
    modalities: list({ type: 'string', not: { const: 'audio' } }, 'A spoken answer has no price here.'),
    web_search_options: { type: 'null', description: 'Searching the web has no price here.' },
    ...UNPRICED,
  }),
  MessagesRequest: open(['model', 'messages', 'max_tokens'], {
    model: MODEL,
    messages: MESSAGES(
      "The conversation, in Anthropic's form. `cache_control` in any part has writing to the cache reserved.",
    ),
    max_tokens: { type: 'integer', minimum: 1, maximum: MOST_TOKENS, description: LONGEST },
    stream: STREAM,
    tools: TOOLS,
    ...UNPRICED,
  }),
  ImageGenerationRequest: open(['model', 'prompt'], {
    model: MODEL,
    prompt: text('What to draw.', { minLength: 1, maxLength: 32_000, pattern: '\\S' }),
    n: count(10, 'How many pictures.'),
    size: {
      type: ['string', 'null'],
      pattern: '^(auto|[1-9]\\d{1,4}x[1-9]\\d{1,4})$',
      examples: ['1024x1024'],
      description: 'Its price hangs on it. `auto` leaves it to the provider, and has the dearest reserved.',
    },
    quality: {
      type: ['string', 'null'],
      pattern: '^[a-z]{2,20}$',
      examples: ['low', 'medium', 'high', 'auto'],
      description: 'Its price hangs on it.',
    },
    response_format: { enum: ['url', 'b64_json', null], description: 'Where the provider leaves a choice.' },
    stream: { enum: [false, null], description: 'Pictures come whole.' },
  }),
  TranscriptionForm: open(['model', 'file'], {
    model: MODEL,
    file: {
      type: 'string',
      contentMediaType: 'application/octet-stream',
      description: 'The recording, 25 MiB at most. How long it is, is measured here.',
    },
    response_format: {
      enum: ['json', 'verbose_json', 'text', 'srt', 'vtt'],
      default: 'json',
      description: 'How the transcript is written.',
    },
    stream: { enum: ['false'], description: 'Transcripts come whole.' },
  }),
  ChatCompletion: open(['choices'], {
    id: { type: 'string' },
    object: { const: 'chat.completion' },
    model: text('As the provider names it; `X-Model` says the same.'),
    choices: list(
      open([], {
        index: { type: 'integer' },
        message: { type: 'object', additionalProperties: true },
        finish_reason: { type: ['string', 'null'] },
      }),
      'As many as were asked for.',
    ),
    usage: {
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'What is charged, by the price in `X-Price-Version`.',
    },
  }),
  Message: open(['type', 'role', 'content', 'usage'], {
    id: { type: 'string' },
    type: { const: 'message' },
    role: { const: 'assistant' },
    model: text('As the provider names it; `X-Model` says the same.'),
    content: list({ type: 'object', additionalProperties: true }, 'Texts, calls of tools, thinking.'),
    stop_reason: { type: ['string', 'null'] },
    usage: {
      type: 'object',
      additionalProperties: true,
      description: 'What is charged, by the price in `X-Price-Version`.',
    },
  }),
  GeneratedImages: open(['data'], {
    created: { type: 'integer', description: 'Seconds since 1970.' },
    data: list(
      open([], {
        url: text('Where it is, for a while.', { format: 'uri' }),
        b64_json: text('The picture itself, in base64.'),
      }),
      'As many as are charged.',
    ),
  }),
  TranscribedText: open(['text'], {
    text: text('All that was said.'),
    usage: {
      type: 'object',
      additionalProperties: true,
      description: 'Seconds or tokens, whichever the provider counts.',
    },
    duration: { type: ['number', 'string'], description: 'In seconds; with `verbose_json`.' },
    language: text('With `verbose_json`.'),
    segments: list({ type: 'object', additionalProperties: true }, 'With `verbose_json`.'),
  }),
  AiModel: {
    type: 'object',
    description: "A model, as OpenAI's and as Anthropic's clients read it.",
    required: ['id', 'object', 'type', 'created', 'created_at', 'display_name', 'owned_by', 'modality'],
    additionalProperties: false,
    properties: {
      id: text('What requests call it.'),
      object: { const: 'model' },
      type: { const: 'model' },
      created: { type: 'integer', description: 'Since when its price is in force, in seconds since 1970.' },
      created_at: { type: 'string', format: 'date-time' },
      display_name: { type: 'string' },
      owned_by: text('The provider that is asked first.'),
      modality: { enum: ['chat', 'image', 'transcription'] },
    },
  },
  AiModelList: {
    type: 'object',
    required: ['object', 'data', 'has_more', 'first_id', 'last_id'],
    additionalProperties: false,
    properties: {
      object: { const: 'list' },
      data: list({ $ref: '#/components/schemas/AiModel' }, 'All of them.'),
      has_more: { const: false },
      first_id: { type: ['string', 'null'] },
      last_id: { type: ['string', 'null'] },
    },
  },
  OpenAiError: {
    type: 'object',
    description: 'https://platform.openai.com/docs/guides/error-codes',
    required: ['error'],
    additionalProperties: false,
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        additionalProperties: false,
        properties: {
          message: text('For people; it may change.'),
          type: text('Of its status.', { examples: ['invalid_request_error', 'insufficient_quota', 'server_error'] }),
          param: { type: ['string', 'null'], description: 'The field that is wrong.' },
          code: text('A stable code.', { examples: ['insufficient_credits', 'model_not_found', 'validation_error'] }),
          metadata: ERROR_FACTS,
        },
      },
    },
  },
  AnthropicError: {
    type: 'object',
    description: 'https://docs.anthropic.com/en/api/errors',
    required: ['type', 'error', 'request_id'],
    additionalProperties: false,
    properties: {
      type: { const: 'error' },
      error: {
        type: 'object',
        required: ['type', 'message', 'code'],
        additionalProperties: false,
        properties: {
          type: text('Of its status.', { examples: ['invalid_request_error', 'billing_error', 'overloaded_error'] }),
          message: text('For people; it may change.'),
          code: text('A stable code.', { examples: ['insufficient_credits', 'model_not_found', 'validation_error'] }),
          metadata: ERROR_FACTS,
        },
      },
      request_id: { type: 'string' },
    },
  },
};
