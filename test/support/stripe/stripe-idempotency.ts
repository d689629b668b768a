import type { Json } from './stripe-bank.js';
import { type Answer, StripeRefusal } from './stripe-refusal.js';

export interface KeyedAnswer extends Answer {
  /** Whether this is the answer to an earlier request with the same key. */
  readonly replayed: boolean;
}

interface Known {
  readonly request: string;
  readonly at: number;
  answer: Answer | null;
}

/** Stripe forgets a key after a day at the earliest; the double does so at once. */
const KEPT_SECONDS = 24 * 60 * 60;
const LONGEST_KEY = 255;

/**
 * Idempotency keys as version 1 of Stripe's API treats them (https://docs.stripe.com/api/idempotent_requests): whatever the first
 * request was answered once it had begun, a 500 included, is the answer to the others.
 */
export class IdempotencyKeys {
  private readonly known = new Map<string, Known>();

  /** @param now in seconds */
  constructor(private readonly now: () => number) {}

  async once(key: string, path: string, params: Json, work: () => Promise<Answer>): Promise<KeyedAnswer> {
    if (key.length > LONGEST_KEY) return refused(`An idempotency key has at most ${LONGEST_KEY} characters.`, 400);
    const request = `${path} ${canonical(params)}`;
    const known = this.find(key);
    if (known && known.request !== request) {
      return refused(
        'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
          `Try using a key other than '${key}' if you meant to execute a different request.`,
        400,
      );
    }
    if (known?.answer) return { ...known.answer, replayed: true };
    if (known) {
      return refused(`There is currently another in-progress request using this Idempotent Key: ${key}.`, 409, IN_USE);
    }
    const entry: Known = { request, at: this.now(), answer: null };
    this.known.set(key, entry);
    const answer = await work();
    if (answer.begun) entry.answer = answer;
    else this.known.delete(key);
    return { ...answer, replayed: false };
  }

  private find(key: string): Known | null {
    const known = this.known.get(key);
    return known && this.now() - known.at < KEPT_SECONDS ? known : null;
  }
}

const IN_USE = 'idempotency_key_in_use';

function refused(message: string, status: number, code?: string): KeyedAnswer {
  return { ...new StripeRefusal(message, { status, type: 'idempotency_error', code }).answer, replayed: false };
}

/** The same for the same parameters, in whatever order they came. */
function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(String(value));
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${name}:${canonical(inner)}`).join()}}`;
}
