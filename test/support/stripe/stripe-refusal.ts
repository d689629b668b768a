import type { Json } from './stripe-bank.js';

/** What Stripe answers to a request: https://docs.stripe.com/api/errors */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  /**
   * Whether the work had begun, so that the answer is kept under the request's idempotency key. What is refused before that, such as
   * an unknown parameter, may be asked again with the same key.
   */
  readonly begun: boolean;
}

interface RefusalFacts {
  readonly status?: number;
  readonly type?: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'card_error';
  readonly code?: string;
  readonly declineCode?: string;
  readonly param?: string | null;
  readonly begun?: boolean;
}

/** A request that Stripe refuses. */
export class StripeRefusal extends Error {
  constructor(
    message: string,
    private readonly facts: RefusalFacts = {},
  ) {
    super(message);
  }

  get answer(): Answer {
    const { status = 400, type = 'invalid_request_error', code, declineCode, param, begun = false } = this.facts;
    return {
      status,
      begun,
      body: {
        error: {
          type,
          message: this.message,
          ...(code && { code }),
          ...(declineCode && { decline_code: declineCode }),
          ...(param && { param }),
        },
      },
    };
  }
}

export function noSuch(kind: string, id: string, status: 400 | 404, param = 'id'): StripeRefusal {
  return new StripeRefusal(`No such ${kind}: '${id}'`, { status, code: 'resource_missing', param, begun: true });
}
