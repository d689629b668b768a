import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  type AiProvider,
  type JsonObject,
  type PlainAnswer,
  type ProviderAnswer,
  ProviderFault,
  ProviderRefusal,
  type ProviderRequest,
  type StreamedAnswer,
} from '#application/gateway/ai-provider';
import type { Clock } from '#application/ports/clock';
import { outputTokensOf, sandboxReply } from './sandbox-chat.js';
import { chunksOf, completionOf, type CompletionFacts, usageChunk, usageOf } from './sandbox-completion.js';
import { sandboxImages } from './sandbox-images.js';
import { sandboxTranscript } from './sandbox-transcript.js';
import { chatFromMessages } from './translation/chat-from-messages.js';
import { objectOf } from './translation/fields.js';
import { messageFromCompletion } from './translation/message-from-completion.js';
import { MessageStream } from './translation/message-stream.js';
import { dataEvent, DONE_EVENT } from './translation/server-sent-events.js';

/** How many tokens `sandbox-chat-broken` delivers. */
const BROKEN_AFTER = 3;

/**
 * Answers without asking anybody, says so, and always the same. Models whose name begins with `sandbox-chat-` fail in the way
 * their name says: unavailable, rate-limited, broken (in mid-answer), silent, refusing. All others work.
 */
export class SandboxProvider implements AiProvider {
  readonly name = 'sandbox';
  readonly simulated = true;

  constructor(private readonly clock: Clock) {}

  serves(): boolean {
    return true;
  }

  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    request.signal.throwIfAborted();
    await this.fail(request);
    const createdSeconds = Math.floor(this.clock.now().getTime() / 1000);
    if (request.task === 'image') return sandboxImages(request.body, createdSeconds);
    if (request.task === 'transcription') return sandboxTranscript(request);
    const body = request.dialect === 'anthropic' ? chatFromMessages(request.body) : request.body;
    const facts = {
      model: request.model,
      createdSeconds,
      choices: Number(body['n'] ?? 1),
      seed: createHash('sha256').update(JSON.stringify(request.body)).digest('hex'),
    };
    return request.stream ? this.streamed(request, body, facts) : this.plain(request, body, facts);
  }

  private async fail({ model, stream, signal }: ProviderRequest): Promise<void> {
    if (model === 'sandbox-chat-unavailable') {
      throw new ProviderFault('overloaded', 'This sandbox is always overloaded.', 503, null);
    }
    if (model === 'sandbox-chat-rate-limited') {
      throw new ProviderFault('rate_limited', 'This sandbox always asks for a pause.', 429, 2000);
    }
    if (model === 'sandbox-chat-refusing') {
      const message = 'This sandbox refuses every request for what it says.';
      throw new ProviderRefusal(400, message, 'content_policy_violation', null);
    }
    if (model === 'sandbox-chat-broken' && !stream) {
      throw new ProviderFault('server_error', 'This sandbox breaks in mid-answer.', 500, null);
    }
    if (model === 'sandbox-chat-silent') {
      await once(signal, 'abort');
      signal.throwIfAborted();
    }
  }

  private plain({ dialect, model }: ProviderRequest, body: JsonObject, facts: CompletionFacts): PlainAnswer {
    const reply = sandboxReply(body);
    const completion = completionOf(reply, facts);
    const answer = dialect === 'anthropic' ? messageFromCompletion(completion, model) : completion;
    const usage = usageOf(reply.inputTokens, outputTokensOf(reply) * facts.choices, 'provider');
    return { kind: 'plain', contentType: 'application/json', body: JSON.stringify(answer), usage };
  }

  private streamed(request: ProviderRequest, body: JsonObject, facts: CompletionFacts): StreamedAnswer {
    const reply = sandboxReply(body);
    const whole = outputTokensOf(reply) * facts.choices;
    let delivered = 0;
    let isComplete = false;
    async function* pieces(): AsyncGenerator<string> {
      const { signal, dialect, model } = request;
      const messages = dialect === 'anthropic' ? new MessageStream(model, reply.inputTokens) : null;
      for (const chunk of chunksOf(reply, facts)) {
        await setImmediate();
        signal.throwIfAborted();
        if (model === 'sandbox-chat-broken' && delivered === BROKEN_AFTER) {
          throw new ProviderFault('server_error', 'This sandbox broke in mid-answer.', null, null);
        }
        const text = messages ? messages.push(chunk) : dataEvent(chunk);
        delivered = Math.min(whole, delivered + tokensOf(chunk));
        if (text !== '') yield text;
      }
      if (!messages && objectOf(body['stream_options'])['include_usage'] === true)
        yield dataEvent(usageChunk(reply, facts));
      isComplete = true;
      yield messages ? messages.push(usageChunk(reply, facts)) + messages.end() : DONE_EVENT;
    }
    return {
      kind: 'stream',
      pieces: pieces(),
      usage: () =>
        isComplete ? usageOf(reply.inputTokens, whole, 'provider') : usageOf(reply.inputTokens, delivered, 'estimate'),
    };
  }
}

/** Of one chunk: one for a piece of text; of a tool's arguments four bytes each, and one for its name. */
function tokensOf({ choices }: JsonObject): number {
  const { delta } = objectOf((choices as readonly unknown[])[0]);
  const { content, tool_calls: calls } = objectOf(delta);
  if (Array.isArray(calls)) {
    const { arguments: said } = objectOf(objectOf(calls[0])['function']);
    return said === '' ? 1 : Math.ceil(Buffer.byteLength(String(said)) / 4);
  }
  return typeof content === 'string' && content !== '' ? 1 : 0;
}
