import { VERSION } from '#application/system/version';
import type { Refusal } from '#domain/shared/domain-exception';
import type { Operation, Shape } from '../shared/operation.js';
import type { PathContract } from '../shared/path-contract.js';
import { STATUS } from '../shared/problem.js';
import { allComponents, joined, tagsOf } from './joined-contracts.js';
import { type Schema, Schemas } from './schemas.js';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> } & Schema;
  readonly [field: string]: unknown;
}

/**
 * The whole contract, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html): from the operations and their shapes, and what
 * routes beside them say of themselves. Throws when two describe one thing.
 */
export function openApiDocument(
  operations: readonly Operation[],
  contracts: readonly PathContract[] = [],
): OpenApiDocument {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of operations) {
    (paths[templateOf(operation.path)] ??= {})[operation.method] = described(operation, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Minutebook',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: tagsOf(operations, contracts),
    paths: joined('path', [paths, ...contracts.map((contract) => contract.paths)]),
    components: allComponents(
      {
        schemas: { ...schemas.all(), Problem: PROBLEM },
        responses: PROBLEMS,
        parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
        headers: HEADERS,
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key (`mb_live_…`), an access token (JWT), or for an hour, and for what that page does, the token of a link to the billing page (`mbp_…`).',
          },
        },
      },
      contracts,
    ),
  };
}

const DESCRIPTION = `Usage, plan limits and transcription for coaching products.

Ids are UUIDs, instants are ISO 8601 in UTC, money is a whole number of micro-dollars.

Every answer that is no success has the shape \`Problem\`: \`detail.error\` is a stable code, \`detail.message\` is for
people, and a refusal adds the very numbers that were compared. Under \`/v1\` it has the shape that OpenAI's or Anthropic's
own clients read.

Send an \`Idempotency-Key\` with a request that changes something, and repeat it as often as you like: the first answer
is kept for ever, and given again with \`Idempotent-Replayed: true\`.`;

/** `/sessions/:id` as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function described(operation: Operation, schemas: Schemas): Schema {
  const { access, description, summary, tag, body } = operation;
  const texts = [description, access === 'admin' ? 'Needs the role `admin`.' : undefined].filter(Boolean);
  return {
    operationId: operationId(operation),
    tags: [tag],
    summary,
    ...(texts.length > 0 && { description: texts.join('\n\n') }),
    security: securityOf(operation),
    parameters: parameters(operation, schemas),
    ...(body && {
      requestBody: {
        required: schemas.of(body, 'input').required.length > 0,
        content: json(schemas.reference(body, 'input')),
      },
    }),
    responses: responses(operation, schemas),
  };
}

function securityOf({ access, closable }: Operation): readonly Schema[] {
  if (access !== 'public') return [{ bearer: [] }];
  return closable ? [{}, { bearer: [] }] : [];
}

/** `POST /api/v1/sessions/:id/upload-url` is `postSessionsIdUploadUrl`: stable, and a method's name in any language. */
function operationId({ method, path }: Operation): string {
  const words = path.replace(/^\/api\/v1/, '').match(/[A-Za-z0-9]+/g) ?? ['root'];
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function parameters(operation: Operation, schemas: Schemas): readonly Schema[] {
  const inPath = [...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(/(^|_)id$/.test(name!) && { format: 'uuid' }) },
  }));
  const { properties, required } = operation.query
    ? schemas.of(operation.query, 'input')
    : { properties: {}, required: [] as readonly string[] };
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: withoutNull(schema),
  }));
  return [
    ...inPath,
    ...inQuery,
    ...(isRepeatable(operation) ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ];
}

/** A query has no way to say null. */
function withoutNull(schema: Schema): Schema {
  if (!Array.isArray(schema.type)) return schema;
  const values = schema.enum as readonly unknown[] | undefined;
  return {
    ...schema,
    type: schema.type[0] as string,
    ...(values && { enum: values.filter((value) => value !== null) }),
  };
}

function isRepeatable({ method, access }: Operation): boolean {
  return method !== 'get' && access !== 'public';
}

function responses(operation: Operation, schemas: Schemas): Readonly<Record<string, Schema>> {
  const own: Record<number, Shape | { readonly file: readonly string[] }> = {
    ...operation.otherAnswers,
    [operation.status ?? 200]: operation.answer,
  };
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
    ...(isRepeatable(operation) && { 'Idempotent-Replayed': { $ref: '#/components/headers/Idempotent-Replayed' } }),
  };
  const files = Object.fromEntries((operation.files ?? []).map((type) => [type, {}]));
  const answers = Object.entries(own).map(([status, answer]) => {
    const content =
      'file' in answer
        ? Object.fromEntries(answer.file.map((type) => [type, {}]))
        : { ...json(schemas.reference(answer, 'answer')), ...(answer === operation.answer && files) };
    return [
      status,
      { description: Number(status) < 400 ? 'Done.' : 'Not possible just now.', headers, content },
    ] as const;
  });
  const problems = problemStatuses(operation).map((status) => [
    status,
    { $ref: `#/components/responses/${NAMES[status]}` },
  ]);
  return Object.fromEntries([...problems, ...answers]) as Record<string, Schema>;
}

/** Beside the refusals of its rules, what every operation of this kind can be answered with. */
function problemStatuses(operation: Operation): readonly ProblemStatus[] {
  const always: ProblemStatus[] = [422, 500];
  if (operation.access !== 'public') always.push(401, 403, 503);
  if (operation.closable) always.push(401);
  if (operation.path.includes(':')) always.push(400);
  if (operation.body) always.push(400, 413, 415);
  if (isRepeatable(operation)) always.push(409);
  const refused = (operation.refusals ?? []).map((refusal: Refusal) => STATUS[refusal] as ProblemStatus);
  return [...new Set([...always, ...refused])];
}

type ProblemStatus = keyof typeof NAMES;

const NAMES = {
  400: 'Malformed',
  401: 'NotAuthenticated',
  402: 'PaymentRequired',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooMany',
  500: 'Fault',
  503: 'Unavailable',
} as const;

const MEANINGS: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request cannot be read: malformed JSON, or an address that is not valid percent-encoding. Or it names a plan that does not exist.',
  401: 'No valid API key or access token was sent.',
  402: 'It is not paid for: the balance does not cover it, or the card was declined.',
  403: 'A limit of the plan is reached, the role is missing, or the account is suspended.',
  404: 'There is no such thing, or it belongs to somebody else.',
  409: 'It does not fit the present state, or a request with this Idempotency-Key is still running (`Retry-After`).',
  413: 'The body, or the file, is larger than allowed.',
  415: 'The body is not JSON.',
  422: 'Fields are wrong (`detail.errors` says which), or the Idempotency-Key was used for another request.',
  429: 'That is more than may be at once (`Retry-After`). Nothing was done.',
  500: 'A fault of ours. It is logged under the request id.',
  503: 'Something this service needs cannot be had just now (`Retry-After`). Nothing was decided, nothing was done.',
};

const PROBLEM: Schema = {
  type: 'object',
  required: ['detail'],
  additionalProperties: false,
  properties: {
    detail: {
      type: 'object',
      description: 'What went wrong, and beside it the facts of the refusal.',
      required: ['error', 'message', 'request_id'],
      additionalProperties: true,
      properties: {
        error: { type: 'string', description: 'A stable code.', examples: ['session_limit_exceeded'] },
        message: { type: 'string', description: 'For people; it may change.' },
        request_id: { type: 'string' },
        errors: {
          type: 'array',
          description: 'Which fields are wrong; with `validation_error` only.',
          items: {
            type: 'object',
            required: ['field', 'message'],
            additionalProperties: false,
            properties: { field: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
};

const HEADERS: Readonly<Record<string, Schema>> = {
  'X-Request-Id': {
    description: 'Names this request in the log. A caller may send its own: 8 to 64 letters, digits, - and _.',
    required: true,
    schema: { type: 'string' },
  },
  'Idempotent-Replayed': {
    description: 'Present when this answer was given before to a request with the same Idempotency-Key.',
    schema: { const: 'true' },
  },
  'Retry-After': { description: 'Seconds until it makes sense to ask again.', schema: { type: 'integer', minimum: 0 } },
};

const PROBLEMS: Readonly<Record<string, Schema>> = Object.fromEntries(
  (Object.keys(NAMES) as unknown as ProblemStatus[]).map((status) => [
    NAMES[status],
    {
      description: MEANINGS[status],
      headers: {
        'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
        ...(['409', '429', '503'].includes(String(status)) && {
          'Retry-After': { $ref: '#/components/headers/Retry-After' },
        }),
      },
      content: json({ $ref: '#/components/schemas/Problem' }),
    },
  ]),
);

const IDEMPOTENCY_KEY: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the request happen once: the same key and body are given the first answer again, for ever. ' +
    'What is shown once (an API key) is null then.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}
