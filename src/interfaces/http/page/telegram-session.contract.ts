import type { PathContract } from '../shared/path-contract.js';

const problem = (name: string) => ({ $ref: `#/components/responses/${name}` });
const requestId = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };

/** What the OpenAPI document says of signing in from Telegram. */
export const TELEGRAM_SESSION_CONTRACT: PathContract = {
  paths: {
    '/billing/telegram-session': {
      post: {
        operationId: 'postBillingTelegramSession',
        tags: ['billing'],
        summary: 'Sign in to the billing page from a Mini App of Telegram',
        description:
          'For the page itself: `init_data` as Telegram gives it to the Mini App, whose signature is the authorization, for an hour ' +
          '(https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app). At most 10 a minute for each user of Telegram.',
        security: [],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/TelegramSessionRequest' } } },
        },
        responses: {
          201: {
            description: 'A link to the page of the user who is linked to that user of Telegram.',
            headers: requestId,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/TelegramSession' } } },
          },
          400: problem('Malformed'),
          401: problem('NotAuthenticated'),
          403: problem('Forbidden'),
          404: problem('NotFound'),
          413: problem('TooLarge'),
          415: problem('UnsupportedMediaType'),
          422: problem('Invalid'),
          429: {
            description: 'Too often for one user of Telegram (`Retry-After`).',
            headers: { ...requestId, 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
          500: problem('Fault'),
          503: problem('Unavailable'),
        },
      },
    },
  },
  components: {
    schemas: {
      TelegramSessionRequest: {
        type: 'object',
        required: ['init_data'],
        additionalProperties: false,
        properties: {
          init_data: {
            type: 'string',
            minLength: 1,
            maxLength: 16_384,
            description: '`Telegram.WebApp.initData`, unchanged.',
          },
        },
      },
      TelegramSession: {
        type: 'object',
        required: ['token', 'url', 'expires_at'],
        additionalProperties: false,
        properties: {
          token: { type: 'string', description: 'As of `POST /api/v1/billing/page-session`.' },
          url: { type: 'string', format: 'uri' },
          expires_at: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
};
