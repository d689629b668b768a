import type { PathContract } from '../shared/path-contract.js';
import { ANSWERED, errorsOf, GATEWAY_HEADERS, GATEWAY_RESPONSES, modelErrors } from './gateway.answers.js';
import { GATEWAY_SCHEMAS } from './gateway.schemas.js';

type Part = Readonly<Record<string, unknown>>;

const schema = (name: string): Part => ({ schema: { $ref: `#/components/schemas/${name}` } });
const parameter = (name: string): Part => ({ $ref: `#/components/parameters/${name}` });
const events = (description: string): Part => ({ 'text/event-stream': { schema: { type: 'string', description } } });

const OPENAI_EVENTS =
  'With `stream`: each `data:` is a chunk of a chat completion, and the last `[DONE]`. An answer that breaks off has an `error` ' +
  '(`OpenAiError`) instead of `[DONE]`; what was delivered is charged.';
const ANTHROPIC_EVENTS =
  'With `stream`: `message_start`, `content_block_start`, `content_block_delta`, `content_block_stop`, `message_delta`, ' +
  '`message_stop`. An answer that breaks off ends with `error`; what was delivered is charged.';
const CHARGED =
  'The most that it can cost is reserved before any provider is asked, and what it did cost is charged once: nothing when nobody ' +
  'answered, and what was delivered when a stream is left. Providers that fail are followed by the next, for no more than the ' +
  "requested model's price. A body is read as it is, never unpacked; JSON has 20 MB and 100,000 values at most.";

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly content: Part;
  readonly answers: Part;
  readonly errors: Part;
}

function carried({ operationId, summary, description, content, answers, errors }: Described): Part {
  return {
    operationId,
    tags: ['AI gateway'],
    summary,
    description: `${description}\n\n${CHARGED}`,
    security: EITHER_KEY,
    parameters: [parameter('RequestId'), parameter('AiIdempotencyKey')],
    requestBody: { required: true, content },
    responses: { 200: { description: 'Done.', headers: ANSWERED, content: answers }, ...errors },
  };
}

function listed(operationId: string, summary: string, parameters: readonly Part[], answer: string, errors: Part): Part {
  return {
    operationId,
    tags: ['AI gateway'],
    summary,
    security: EITHER_KEY,
    parameters: [parameter('RequestId'), parameter('AnthropicVersion'), ...parameters],
    responses: {
      200: {
        description: 'Done.',
        headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
        content: { 'application/json': schema(answer) },
      },
      ...errors,
    },
  };
}

const EITHER_KEY: readonly Part[] = [{ bearer: [] }, { xApiKey: [] }];

const MODEL_IN_PATH: Part = {
  name: 'model',
  in: 'path',
  required: true,
  description: 'The name of the model. Slashes in it are sent as they are: `/v1/models/deepseek/deepseek-chat`.',
  schema: { type: 'string' },
};

/** What the OpenAPI document says of the AI gateway. */
export const GATEWAY_CONTRACT: PathContract = {
  paths: {
    '/v1/chat/completions': {
      post: carried({
        operationId: 'postV1ChatCompletions',
        summary: "Chat, as OpenAI's clients ask",
        description:
          'https://platform.openai.com/docs/api-reference/chat/create, of any model for chats, whoever provides it.',
        content: { 'application/json': schema('ChatCompletionRequest') },
        answers: { 'application/json': schema('ChatCompletion'), ...events(OPENAI_EVENTS) },
        errors: errorsOf('OpenAi'),
      }),
    },
    '/v1/messages': {
      post: carried({
        operationId: 'postV1Messages',
        summary: "Chat, as Anthropic's clients ask",
        description: 'https://docs.anthropic.com/en/api/messages, of any model for chats, whoever provides it.',
        content: { 'application/json': schema('MessagesRequest') },
        answers: { 'application/json': schema('Message'), ...events(ANTHROPIC_EVENTS) },
        errors: errorsOf('Anthropic'),
      }),
    },
    '/v1/images/generations': {
      post: carried({
        operationId: 'postV1ImagesGenerations',
        summary: 'Draw pictures',
        description: 'https://platform.openai.com/docs/api-reference/images/create, charged by the picture.',
        content: { 'application/json': schema('ImageGenerationRequest') },
        answers: { 'application/json': schema('GeneratedImages') },
        errors: errorsOf('OpenAi'),
      }),
    },
    '/v1/audio/transcriptions': {
      post: carried({
        operationId: 'postV1AudioTranscriptions',
        summary: 'Write down what a recording says',
        description:
          'https://platform.openai.com/docs/api-reference/audio/createTranscription. What can be charged at most is that of its ' +
          'seconds, which are measured here.',
        content: { 'multipart/form-data': schema('TranscriptionForm') },
        answers: {
          'application/json': schema('TranscribedText'),
          'text/plain': { schema: { type: 'string' } },
          'application/x-subrip': { schema: { type: 'string' } },
          'text/vtt': { schema: { type: 'string' } },
        },
        errors: errorsOf('OpenAi'),
      }),
    },
    '/v1/models': {
      get: listed('getV1Models', 'List the models that are served', [], 'AiModelList', modelErrors(401, 403, 500, 503)),
    },
    '/v1/models/{model}': {
      get: listed(
        'getV1ModelsModel',
        'Show one model',
        [MODEL_IN_PATH],
        'AiModel',
        modelErrors(401, 403, 404, 500, 503),
      ),
    },
  },
  components: {
    schemas: GATEWAY_SCHEMAS,
    responses: GATEWAY_RESPONSES,
    headers: GATEWAY_HEADERS,
    parameters: {
      RequestId: {
        name: 'X-Request-Id',
        in: 'header',
        required: false,
        description: 'Names the request in logs, here and at the provider: 8 to 64 letters, digits, - and _.',
        schema: { type: 'string', pattern: '^[\\w-]{8,64}$' },
      },
      AiIdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        description:
          'Makes the request happen, and be charged, once. A whole answer is given again for ever, with `Idempotent-Replayed`; ' +
          'a stream is not kept, and asking for it again is refused with 409. A request that failed cost nothing, and can be asked again.',
        schema: { type: 'string', minLength: 1, maxLength: 240, pattern: '^[\\x21-\\x7e]+$' },
      },
      AnthropicVersion: {
        name: 'anthropic-version',
        in: 'header',
        required: false,
        description: "As Anthropic's clients send it: errors have Anthropic's shape then.",
        schema: { type: 'string' },
      },
    },
    securitySchemes: {
      xApiKey: {
        type: 'apiKey',
        in: 'header',
        name: 'x-api-key',
        description: "The same key or token, as Anthropic's clients send it.",
      },
    },
  },
};
