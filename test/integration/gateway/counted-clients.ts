import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { TestApp, TestUser } from '#test/support/app';

/** What an official client was answered each time that it asked. */
export interface Attempt {
  readonly status: number;
  readonly shouldRetry: string | null;
  readonly retryAfter: string | null;
}

/** What became of a request: what the client threw, null when it did not, and how often it had asked. */
export interface Seen {
  readonly error: unknown;
  readonly attempts: readonly Attempt[];
}

export const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];

/**
 * Both official clients with their defaults, counted. Nobody sleeps between their attempts: `pause` is called instead, with
 * the seconds of Retry-After, or 0 where the client chooses for itself.
 */
export class CountedClients {
  attempts: Attempt[] = [];

  constructor(
    private readonly app: Pick<TestApp, 'url'>,
    private readonly user: Pick<TestUser, 'key'>,
    private readonly pause: (seconds: number) => unknown = () => undefined,
  ) {}

  get openai(): OpenAI {
    return new OpenAI({ apiKey: this.user.key, baseURL: `${this.app.url}/v1`, fetch: this.fetch });
  }

  get anthropic(): Anthropic {
    return new Anthropic({ apiKey: this.user.key, baseURL: this.app.url, fetch: this.fetch });
  }

  /** Asks, and reads a stream to its end. */
  async completes(model: string, more: object = {}, options: OpenAI.RequestOptions = {}): Promise<Seen> {
    const body = { model, messages: MESSAGES, max_tokens: 20, ...more } as OpenAI.ChatCompletionCreateParams;
    return this.seen(this.openai.chat.completions.create(body, options));
  }

  async messages(model: string, more: object = {}, options: Anthropic.RequestOptions = {}): Promise<Seen> {
    const body = { model, messages: MESSAGES, max_tokens: 20, ...more } as Anthropic.MessageCreateParams;
    return this.seen(this.anthropic.messages.create(body, options));
  }

  async seen(asked: PromiseLike<unknown>): Promise<Seen> {
    this.attempts = [];
    try {
      const answer = await asked;
      if (isStream(answer)) for await (const piece of answer) void piece;
      return { error: null, attempts: this.attempts };
    } catch (error) {
      return { error, attempts: this.attempts };
    }
  }

  private readonly fetch = async (...call: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...call);
    // OpenAI's client tries out whether forms can be sent, on a data: address.
    if (!response.url.startsWith(this.app.url)) return response;
    const { status, headers, body } = response;
    const retryAfter = headers.get('retry-after');
    const shouldRetry = headers.get('x-should-retry');
    this.attempts.push({ status, shouldRetry, retryAfter });
    if (response.ok || shouldRetry === 'false') return response;
    await this.pause(Number(retryAfter ?? 0));
    const impatient = new Headers(headers);
    impatient.delete('retry-after');
    impatient.set('retry-after-ms', '1');
    return new Response(body, { status, headers: impatient });
  };
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}
