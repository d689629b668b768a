import type { PathContract } from '../shared/path-contract.js';

const problem = (name: string) => ({ $ref: `#/components/responses/${name}` });

/** What the OpenAPI document says of the receiving end of Stripe's events. */
export const WEBHOOK_CONTRACT: PathContract = {
  paths: {
    '/webhooks/stripe': {
      post: {
        operationId: 'postWebhooksStripe',
        tags: ['payments'],
        summary: 'Receive an event from Stripe',
        description:
          'For Stripe alone (https://docs.stripe.com/webhooks): the signature is the authorization. Answered with 200 once the event ' +
          'is kept, however often it comes; anything else has Stripe send it again.',
        security: [],
        parameters: [
          {
            name: 'Stripe-Signature',
            in: 'header',
            required: true,
            description: 'Over the bytes of the body, and not older than a few minutes.',
            schema: { type: 'string' },
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
        },
        responses: {
          200: {
            description: 'The event is kept.',
            headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/EventReceived' } } },
          },
          400: problem('Malformed'),
          413: problem('TooLarge'),
          415: problem('UnsupportedMediaType'),
          500: problem('Fault'),
          503: problem('Unavailable'),
        },
      },
    },
  },
  components: {
    schemas: {
      EventReceived: {
        type: 'object',
        required: ['received', 'duplicate'],
        additionalProperties: false,
        properties: {
          received: { const: true },
          duplicate: { type: 'boolean', description: 'Whether it was kept before.' },
        },
      },
    },
  },
};
