/** What every answer under `/v1` has in its head, and how each status is answered in either dialect. */
type Part = Readonly<Record<string, unknown>>;

const header = (name: string): Part => ({ [name]: { $ref: `#/components/headers/${name}` } });
const headers = (...names: readonly string[]): Part => Object.assign({}, ...names.map(header)) as Part;

export const GATEWAY_HEADERS: Readonly<Record<string, Part>> = {
  'X-Provider': { description: 'Who answered.', schema: { type: 'string' } },
  'X-Model': { description: 'The model that answered, as its provider names it.', schema: { type: 'string' } },
  'X-Requested-Model': { description: 'The model that was asked for.', schema: { type: 'string' } },
  'X-Held-Micros': {
    description: 'What was reserved: the most it could cost, in micro-dollars.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Cost-Micros': {
    description:
      'What it cost, in micro-dollars. Of a stream it is known at the end, and comes as a trailer (RFC 9110, 6.5), which `Trailer` ' +
      'announces. Absent while it could not be written down; it is charged later then.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Price-Version': {
    description: 'The dated price that is paid at most.',
    schema: { type: 'string', format: 'uuid' },
  },
  'X-Sandbox': {
    description: 'Present when the answer was made up, and no provider was asked.',
    schema: { const: 'true' },
  },
  'x-should-retry': {
    description: "Whether the same request can succeed by itself; OpenAI's and Anthropic's clients obey it.",
    schema: { enum: ['true', 'false'] },
  },
  'request-id': {
    description: "The same as `X-Request-Id`, where Anthropic's clients look for it.",
    schema: { type: 'string' },
  },
  'WWW-Authenticate': { description: 'How to say who asks.', schema: { const: 'Bearer' } },
};

/** Of an answer that a provider gave. */
export const ANSWERED = headers(
  'X-Request-Id',
  'X-Provider',
  'X-Model',
  'X-Requested-Model',
  'X-Held-Micros',
  'X-Cost-Micros',
  'X-Price-Version',
  'X-Sandbox',
  'Idempotent-Replayed',
);

type Style = 'OpenAi' | 'Anthropic';

/** What each status means; the headers that it can have beside the request's id. */
const ERRORS: Readonly<Record<number, readonly [meaning: string, ...headers: readonly string[]]>> = {
  400: [
    'The body is not JSON, what is asked for has no price (`model_not_priced`), or the provider refuses the request for what it says.',
  ],
  401: ['No valid API key or access token was sent.', 'WWW-Authenticate'],
  402: [
    'The credit does not cover the most it can cost: top up, or wait for running requests to end (`metadata.retryable`, `Retry-After`).',
    'x-should-retry',
    'Retry-After',
  ],
  403: ['The account is suspended.'],
  404: ['There is no such model.'],
  408: ['The body did not arrive within 5 minutes.'],
  409: [
    'A request with this Idempotency-Key is running (`Retry-After`), was answered in pieces, which are not kept, or failed twenty ' +
      'times, which cost nothing: use a new key.',
    'x-should-retry',
    'Retry-After',
  ],
  413: ['The body, or the recording, is larger than allowed: 20 MB of JSON, 25 MB of sound.'],
  415: ['The body is not of a type that is read here, or is packed (`Content-Encoding`): send it as it is.'],
  422: ['Fields are wrong (`metadata.errors` says which), or the Idempotency-Key was used for another request.'],
  429: [
    'More requests a minute, or at once, than allowed, or more bytes in their bodies (64 MB of one user); or every provider says ' +
      'so of ours. Requests are counted before their bodies are read, those that are refused then, too.',
    'x-should-retry',
    'Retry-After',
  ],
  500: ['A fault of ours. It is logged under the request id. Nothing was charged.'],
  502: ['Every provider that was asked failed (`metadata.attempts`). Nothing was charged.', 'x-should-retry'],
  503: [
    'No provider can be asked just now, something this service needs cannot be had, or there is no room for more bodies at this ' +
      'moment (`no_room`). Nothing was charged.',
    'x-should-retry',
    'Retry-After',
  ],
  504: ['It took longer than requests may take. Nothing was charged.'],
  529: ['Every provider that was asked is overloaded. Nothing was charged.', 'Retry-After'],
};

const STATUSES: Readonly<Record<Style, readonly number[]>> = {
  OpenAi: Object.keys(ERRORS)
    .map(Number)
    .filter((status) => status !== 529),
  Anthropic: Object.keys(ERRORS).map(Number),
};

function described(style: Style): readonly (readonly [name: string, response: Part])[] {
  return STATUSES[style].map((status) => {
    const [description, ...more] = ERRORS[status]!;
    const named = style === 'Anthropic' ? ['X-Request-Id', 'request-id', ...more] : ['X-Request-Id', ...more];
    const content = { 'application/json': { schema: { $ref: `#/components/schemas/${style}Error` } } };
    return [`${style}${status}`, { description, headers: headers(...named), content }];
  });
}

/** `OpenAi402`, `Anthropic529`, and `AiModels401`, which hangs on who asks. */
export const GATEWAY_RESPONSES: Readonly<Record<string, Part>> = {
  ...Object.fromEntries([...described('OpenAi'), ...described('Anthropic')]),
  ...Object.fromEntries(
    [401, 403, 404, 500, 503].map((status) => {
      const [, ...more] = ERRORS[status]!;
      const schemas = ['OpenAiError', 'AnthropicError'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
      const description = `${ERRORS[status]![0]} In Anthropic's shape when the request has \`anthropic-version\`.`;
      const content = { 'application/json': { schema: { anyOf: schemas } } };
      return [`AiModels${status}`, { description, headers: headers('X-Request-Id', ...more), content }];
    }),
  ),
};

/** References to what every request of the dialect can be refused with, but for the statuses that it cannot. */
export function errorsOf(style: Style, ...never: readonly number[]): Readonly<Record<string, Part>> {
  const statuses = STATUSES[style].filter((status) => !never.includes(status));
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${style}${status}` }]));
}

export function modelErrors(...statuses: readonly number[]): Readonly<Record<string, Part>> {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/AiModels${status}` }]));
}
