import {
  type AiTask,
  type JsonObject,
  type PlainAnswer,
  type ProviderAnswer,
  ProviderFault,
  type ProviderRequest,
  type StreamedAnswer,
} from '#application/gateway/ai-provider';
import type { Clock } from '#application/ports/clock';
import { anthropicFailureInside, anthropicFailureOf } from './anthropic-failure.js';
import { MessageMeter, usageOfAnswer } from './anthropic-meter.js';
import { AS_SENT, AsCompletion, messagePieces, type MessageForm } from './anthropic-stream.js';
import type { Concealment, UpstreamSecrets } from './concealment.js';
import type { OutsideProvider } from './configured-ai-providers.js';
import { completionFromMessage } from './translation/completion-from-message.js';
import { CompletionStream } from './translation/completion-stream.js';
import { isObject, objectOf } from './translation/fields.js';
import { messagesFromChat } from './translation/messages-from-chat.js';
import { beginningWith } from './upstream-exchange.js';
import { Upstream, type UpstreamAnswer, wholeBody } from './upstream.js';

export interface AnthropicSettings {
  /** As it stands in prices and routes: `anthropic`. */
  readonly name: string;
  /** Up to and without `/v1/messages`, as Anthropic's own clients have it: `https://api.anthropic.com`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly connectMs: number;
  /** Until the answer begins; of an answer in pieces, until its first event. */
  readonly firstByteMs: number;
  /** The longest silence within an answer. */
  readonly idleMs: number;
  /** At once. */
  readonly connections: number;
}

/** Of the API, not of a model: https://docs.claude.com/en/api/versioning. */
const VERSION = '2023-06-01';

/** Anthropic insists on a bound. For callers who set none it is the model's own; this where that is not known: every model takes it. */
const MAX_TOKENS_UNLESS_SAID = 4096;

/** Anthropic's messages, or another server's that speaks them. Chat in both dialects; OpenAI's is translated. */
export class AnthropicProvider implements OutsideProvider {
  readonly name: string;
  readonly simulated = false;
  private readonly upstream: Upstream;

  /** Throws when the base URL or the key cannot be used in a request at all. */
  constructor(
    settings: AnthropicSettings,
    private readonly clock: Clock,
  ) {
    const { name, baseUrl, apiKey, connectMs, firstByteMs, idleMs, connections } = settings;
    this.name = name;
    this.upstream = new Upstream({
      provider: name,
      baseUrl: baseUrl.replace(/(\/v1)?\/*$/, ''),
      headers: { 'x-api-key': apiKey, 'anthropic-version': VERSION },
      connectMs,
      firstByteMs,
      idleMs,
      connections,
    });
  }

  serves(task: AiTask): boolean {
    return task === 'chat';
  }

  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    try {
      return await this.asked(request);
    } catch (error) {
      throw this.upstream.concealed(error);
    }
  }

  private async asked(request: ProviderRequest): Promise<ProviderAnswer> {
    const body = this.bodyFor(request);
    const meter = new MessageMeter(thinks(body));
    const answer = await this.upstream.post('/v1/messages', {
      contentType: 'application/json',
      body: JSON.stringify(body),
      accept: request.stream ? 'text/event-stream' : 'application/json',
      requestId: request.requestId,
      signal: request.signal,
    });
    if (answer.status !== 200) throw await anthropicFailureOf({ provider: this.name, model: request.model }, answer);
    return request.stream ? this.streamed(request, answer, meter) : this.plain(request, answer);
  }

  get secrets(): UpstreamSecrets {
    return this.upstream.secrets;
  }

  conceal(concealment: Concealment): void {
    this.upstream.conceal(concealment);
  }

  /** Ends every exchange that is still going on. */
  close(): Promise<void> {
    return this.upstream.close();
  }

  private bodyFor({ dialect, body, model, maxOutputTokens }: ProviderRequest): JsonObject {
    if (dialect === 'anthropic') return { ...body, model };
    return { ...messagesFromChat(body, maxOutputTokens ?? MAX_TOKENS_UNLESS_SAID), model };
  }

  private async plain({ dialect, model }: ProviderRequest, answer: UpstreamAnswer): Promise<PlainAnswer> {
    const bytes = await wholeBody(this.name, answer);
    const message = this.messageIn(bytes, model);
    return {
      kind: 'plain',
      contentType: 'application/json',
      body: dialect === 'anthropic' ? bytes : JSON.stringify(completionFromMessage(message, this.nowSeconds())),
      usage: usageOfAnswer(message),
    };
  }

  private messageIn(bytes: Buffer, model: string): JsonObject {
    const answer = this.jsonIn(bytes);
    if (isObject(answer) && Array.isArray(answer['content'])) return answer;
    if (isObject(answer) && isObject(answer['error']))
      throw anthropicFailureInside({ provider: this.name, model }, answer);
    throw new ProviderFault('invalid_answer', `${this.name} answered with something that is no message.`, 200, null);
  }

  private jsonIn(bytes: Buffer): unknown {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      const message = `${this.name} answered with something that is no JSON.`;
      throw new ProviderFault('invalid_answer', message, 200, null, { cause: error });
    }
  }

  private async streamed(
    request: ProviderRequest,
    { body }: UpstreamAnswer,
    meter: MessageMeter,
  ): Promise<StreamedAnswer> {
    const pieces = messagePieces({ provider: this.name, model: request.model }, body, meter, this.formFor(request));
    // An answer that ends before its first piece throws: there always is one.
    const { value } = await body.beforeFirstByteIsLate(pieces.next());
    return {
      kind: 'stream',
      pieces: beginningWith(value as Uint8Array | string, pieces, this.upstream.concealed),
      usage: () => meter.usage,
      isFinishing: () => meter.isFinishing,
    };
  }

  private formFor({ dialect, body }: ProviderRequest): MessageForm {
    if (dialect === 'anthropic') return AS_SENT;
    const includeUsage = objectOf(body['stream_options'])['include_usage'] === true;
    return new AsCompletion(this.name, new CompletionStream({ includeUsage, createdSeconds: this.nowSeconds() }));
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** What is shown of a thought is a summary (https://docs.claude.com/en/docs/build-with-claude/extended-thinking), or nothing. */
function thinks(body: JsonObject): boolean {
  const { type } = objectOf(body['thinking']);
  return type === 'enabled' || type === 'adaptive';
}
