import { PAGE_SCOPES } from '#domain/accounts/page-session';
import type { PathContract } from '../shared/path-contract.js';

const problem = (name: string) => ({ $ref: `#/components/responses/${name}` });
const requestId = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };

/** What the OpenAPI document says of signing in to the billing page. The pages themselves are for people. */
export const PAGE_CONTRACT: PathContract = {
  paths: {
    '/billing/session': {
      post: {
        operationId: 'postBillingSession',
        tags: ['billing'],
        summary: 'Exchange the token of a link for the cookie of the billing page',
        description:
          'For the page itself, once: a token that was exchanged, or sent as a bearer, is refused with ' +
          '`page_session_already_opened`. The cookie lasts as long as the token would have.',
        security: [],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/OpenPageRequest' } } },
        },
        responses: {
          200: {
            description: 'Signed in.',
            headers: {
              ...requestId,
              'Set-Cookie': { description: 'Out of reach of scripts.', required: true, schema: { type: 'string' } },
            },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/OpenedPage' } } },
          },
          400: problem('Malformed'),
          401: problem('NotAuthenticated'),
          403: problem('Forbidden'),
          409: problem('Conflict'),
          413: problem('TooLarge'),
          415: problem('UnsupportedMediaType'),
          422: problem('Invalid'),
          500: problem('Fault'),
          503: problem('Unavailable'),
        },
      },
      delete: {
        operationId: 'deleteBillingSession',
        tags: ['billing'],
        summary: 'Sign out of the billing page',
        description:
          'Ends the session of the cookie or token that is sent, within a second everywhere. Twice changes nothing.',
        security: [{ page: [] }, { bearer: [] }, {}],
        responses: {
          204: { description: 'Signed out.', headers: requestId },
          403: problem('Forbidden'),
          500: problem('Fault'),
          503: problem('Unavailable'),
        },
      },
    },
  },
  components: {
    securitySchemes: {
      page: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-minutebook',
        description:
          'The cookie of the billing page (`minutebook_page` where PUBLIC_URL is not https). It is taken in the place of ' +
          'an Authorization header, for requests that come from the page itself.',
      },
    },
    schemas: {
      OpenPageRequest: {
        type: 'object',
        required: ['token'],
        additionalProperties: false,
        properties: {
          token: { type: 'string', minLength: 1, maxLength: 200 },
          replace: {
            type: 'boolean',
            description:
              'Also where this browser is signed in as somebody else: otherwise 409 `page_session_of_another`.',
          },
        },
      },
      OpenedPage: {
        type: 'object',
        required: ['scope', 'expires_at'],
        additionalProperties: false,
        properties: {
          scope: { type: 'string', enum: [...PAGE_SCOPES] },
          expires_at: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
};
