import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type AiProvider,
  type AiTask,
  type Dialect,
  type ProviderAnswer,
  ProviderFault,
  ProviderRefusal,
  type ProviderRequest,
} from '#application/gateway/ai-provider';
import type { Clock } from '#application/ports/clock';
import { sandboxAnswers, tokensIn } from './sandbox-chat.js';
import { completionEvents, completionOf } from './sandbox-completion.js';
import { sandboxImages } from './sandbox-images.js';
import { messageEvents, messageOf } from './sandbox-message.js';
import { questionOfChat, questionOfMessages } from './sandbox-question.js';
import { brokenAfter, SandboxStream, tokenUsage } from './sandbox-stream.js';
import { sandboxTranscript } from './sandbox-transcript.js';
import { objectOf } from './translation/fields.js';

const RETRY_AFTER_MS = 2000;

/** What `sandbox-chat-broken` delivers of an answer in pieces. */
const TOKENS_BEFORE_IT_BREAKS = 3;

/**
 * Stands in for a provider: asks nobody, makes its answers up from the request alone, and says so in them. The same request
 * has the same answer; only the time in it is the clock's. Chat models called `sandbox-chat-unavailable`, `-rate-limited`,
 * `-broken`, `-silent` and `-refusing` fail as their names say, and every other works.
 *
 * Its tokens can be counted by hand: going in, the bytes of all texts by four, rounded up, and four a message; coming out,
 * the pieces of words of which the answer is made. Every delta of a stream is exactly one of those.
 */
export class SandboxProvider implements AiProvider {
  readonly name = 'sandbox';
  readonly simulated = true;

  constructor(private readonly clock: Clock) {}

  serves(task: AiTask, dialect: Dialect): boolean {
    return task === 'chat' || dialect === 'openai';
  }

  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    const { task, body, audio, signal } = request;
    signal.throwIfAborted();
    if (task === 'image') return sandboxImages(body, digestOf(request), this.nowSeconds());
    if (task === 'transcription') return sandboxTranscript(audio!, body);
    await fail(request);
    return this.chat(request);
  }

  private chat(request: ProviderRequest): ProviderAnswer {
    const { dialect, model, body, stream, signal } = request;
    const isOpenAi = dialect === 'openai';
    const question = isOpenAi ? questionOfChat(body) : questionOfMessages(body);
    const answers = sandboxAnswers(question);
    const [first] = answers;
    const { inputTokens } = question;
    const facts = { model, inputTokens, digest: digestOf(request), createdSeconds: this.nowSeconds() };
    if (stream) {
      const includeUsage = objectOf(body['stream_options'])['include_usage'] === true;
      const events = isOpenAi ? completionEvents(answers, facts, includeUsage) : messageEvents(first!, facts);
      const sent = model === 'sandbox-chat-broken' ? brokenAfter(TOKENS_BEFORE_IT_BREAKS, events) : events;
      return new SandboxStream(sent, inputTokens, signal);
    }
    return {
      kind: 'plain',
      contentType: 'application/json',
      body: JSON.stringify(isOpenAi ? completionOf(answers, facts) : messageOf(first!, facts)),
      usage: tokenUsage(inputTokens, tokensIn(answers), 'provider'),
    };
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** Before anything is answered. Returns for models that work, and for an answer that breaks only later. */
async function fail({ model, stream, signal }: ProviderRequest): Promise<void> {
  switch (model) {
    case 'sandbox-chat-unavailable':
      throw new ProviderFault('overloaded', 'This sandbox is always overloaded.', 503, null);
    case 'sandbox-chat-rate-limited':
      throw new ProviderFault('rate_limited', 'This sandbox always asks for a pause.', 429, RETRY_AFTER_MS);
    case 'sandbox-chat-refusing': {
      const message = 'sandbox-chat-refusing refuses every request for what it says.';
      throw new ProviderRefusal(400, message, 'content_policy_violation', null);
    }
    case 'sandbox-chat-broken':
      if (stream) return;
      throw new ProviderFault('server_error', 'This sandbox breaks in the middle of every answer.', 500, null);
    case 'sandbox-chat-silent':
      await once(signal, 'abort');
      signal.throwIfAborted();
  }
}

function digestOf({ dialect, model, body }: ProviderRequest): string {
  const request = JSON.stringify([dialect, model, body]);
  return createHash('sha256').update(request).digest('hex').slice(0, 24);
}
