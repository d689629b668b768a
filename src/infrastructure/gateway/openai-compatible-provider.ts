import {
  type AiProvider,
  type AiTask,
  type Dialect,
  type JsonObject,
  type PlainAnswer,
  type ProviderAnswer,
  ProviderFault,
  type ProviderRequest,
  type StreamedAnswer,
} from '#application/gateway/ai-provider';
import type { AiUsage } from '#domain/providers/ai-usage';
import { jsonObjectIn } from './answer-json.js';
import { audioForm } from './audio-form.js';
import { CompletionMeter, usageOfWhole } from './completion-meter.js';
import { AsMessage, AsSent, type CompletionForm, completionPieces } from './openai-stream.js';
import { estimatedInput, usageOfImages, usageOfTranscription } from './openai-usage.js';
import { chatFromMessages } from './translation/chat-from-messages.js';
import { isObject, objectOf, textOf } from './translation/fields.js';
import { messageFromCompletion } from './translation/message-from-completion.js';
import { MessageStream } from './translation/message-stream.js';
import { Upstream, type UpstreamAnswer, wholeBody } from './upstream.js';
import { beginningWith } from './upstream-exchange.js';
import { failureOf, failureWithin } from './upstream-failure.js';

export interface OpenAiCompatibleSettings {
  /** As it stands in prices and routes: `openai`. */
  readonly name: string;
  /** Up to and without `/chat/completions`: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Null for servers that ask for none. */
  readonly apiKey: string | null;
  readonly tasks: readonly AiTask[];
  readonly connectMs: number;
  /** Until the answer begins; of an answer in pieces, until its first event. */
  readonly firstByteMs: number;
  /** The longest silence within an answer. */
  readonly idleMs: number;
  /** At once. */
  readonly connections: number;
  /** On every request, beside the key. */
  readonly extraHeaders: Readonly<Record<string, string>>;
}

const JSON_TYPE = 'application/json';

/** Formats of transcripts that are text alone. */
const TEXT_FORMATS = ['text', 'srt', 'vtt'];

/**
 * Any server that speaks OpenAI's API: OpenAI itself, OpenRouter, Fireworks, Together, Mistral, DashScope, or one's own. Chat
 * in both dialects, Anthropic's is translated; pictures and transcripts in OpenAI's.
 */
export class OpenAiCompatibleProvider implements AiProvider {
  readonly name: string;
  readonly simulated = false;
  private readonly tasks: readonly AiTask[];
  private readonly upstream: Upstream;

  /** Throws when the base URL, the key or a header cannot be used in a request at all. */
  constructor(settings: OpenAiCompatibleSettings) {
    const { name, baseUrl, apiKey, tasks, connectMs, firstByteMs, idleMs, connections, extraHeaders } = settings;
    this.name = name;
    this.tasks = tasks;
    this.upstream = new Upstream({
      provider: name,
      baseUrl,
      headers: { ...extraHeaders, ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }) },
      connectMs,
      firstByteMs,
      idleMs,
      connections,
    });
  }

  serves(task: AiTask, dialect: Dialect): boolean {
    return this.tasks.includes(task) && (dialect === 'openai' || task === 'chat');
  }

  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    switch (request.task) {
      case 'chat':
        return this.chat(request);
      case 'image':
        return this.drawn(request);
      case 'transcription':
        return this.transcribed(request);
    }
  }

  /** Ends every exchange that is still going on. */
  close(): Promise<void> {
    return this.upstream.close();
  }

  private async chat(request: ProviderRequest): Promise<ProviderAnswer> {
    const chat = request.dialect === 'openai' ? request.body : this.translated(request.body);
    const body = { ...chat, model: request.model, ...(request.stream && streaming(chat)) };
    const answer = await this.post('/chat/completions', request, JSON.stringify(body), JSON_TYPE);
    return request.stream ? this.streamed(request, chat, answer) : this.plain(request, chat, answer);
  }

  /** OpenAI's own newer models take the bound of an answer by its new name alone; most compatible servers know the old one. */
  private translated(body: JsonObject): JsonObject {
    const { max_tokens: bound, ...chat } = chatFromMessages(body);
    return this.name === 'openai' ? { ...chat, max_completion_tokens: bound } : { ...chat, max_tokens: bound };
  }

  private async plain(request: ProviderRequest, chat: JsonObject, answer: UpstreamAnswer): Promise<PlainAnswer> {
    const { bytes, json } = await this.objectOf(answer, 'choices');
    const usage = usageOfWhole(json, chat);
    if (request.dialect === 'openai') return whole(contentTypeOf(answer), bytes, usage);
    return whole(JSON_TYPE, JSON.stringify(messageFromCompletion(json, requestedModel(request))), usage);
  }

  private async streamed(request: ProviderRequest, chat: JsonObject, answer: UpstreamAnswer): Promise<StreamedAnswer> {
    // Some report an error with the status 200, and not in an event.
    if (contentTypeOf(answer).includes('json')) {
      const json = jsonObjectIn(this.name, (await wholeBody(this.name, answer)).toString('utf8'), answer.status);
      throw this.noAnswer(json, 'stream');
    }
    const meter = new CompletionMeter(chat);
    const pieces = completionPieces(this.name, answer.body, meter, this.formFor(request, chat));
    // An answer that ends before its first piece throws: there always is one.
    const { value } = await answer.body.beforeFirstByteIsLate(pieces.next());
    return { kind: 'stream', pieces: beginningWith(value as Uint8Array | string, pieces), usage: () => meter.usage };
  }

  private formFor(request: ProviderRequest, chat: JsonObject): CompletionForm {
    if (request.dialect === 'openai') return new AsSent(objectOf(chat['stream_options'])['include_usage'] === true);
    return new AsMessage(this.name, new MessageStream(requestedModel(request), estimatedInput(chat)));
  }

  private async drawn(request: ProviderRequest): Promise<PlainAnswer> {
    const { body, model } = request;
    const answer = await this.post('/images/generations', request, JSON.stringify({ ...body, model }), JSON_TYPE);
    const { bytes, json } = await this.objectOf(answer, 'data');
    return whole(contentTypeOf(answer), bytes, usageOfImages(json, body));
  }

  private async transcribed(request: ProviderRequest): Promise<PlainAnswer> {
    const { audio, body, model } = request;
    if (audio === null) throw new Error('A transcription needs a recording.');
    const form = audioForm({ ...body, model }, audio);
    const answer = await this.post('/audio/transcriptions', request, form.body, form.contentType);
    const bytes = await wholeBody(this.name, answer);
    const isText = TEXT_FORMATS.includes(textOf(body['response_format']));
    const json = isText ? null : jsonObjectIn(this.name, bytes.toString('utf8'), answer.status);
    if (json !== null && typeof json['text'] !== 'string') throw this.noAnswer(json, 'transcript');
    return whole(contentTypeOf(answer), bytes, usageOfTranscription(json, audio.seconds));
  }

  /** Throws what the answer means when it is no success. */
  private async post(
    path: string,
    { stream, requestId, signal }: ProviderRequest,
    body: string | Uint8Array,
    contentType: string,
  ): Promise<UpstreamAnswer> {
    const accept = stream ? 'text/event-stream' : '*/*';
    const answer = await this.upstream.post(path, { contentType, body, accept, requestId, signal });
    if (answer.status !== 200) throw await failureOf(this.name, answer);
    return answer;
  }

  /** A JSON answer that has a list of that name with something in it. */
  private async objectOf(
    answer: UpstreamAnswer,
    list: 'choices' | 'data',
  ): Promise<{ readonly bytes: Buffer; readonly json: JsonObject }> {
    const bytes = await wholeBody(this.name, answer);
    const json = jsonObjectIn(this.name, bytes.toString('utf8'), answer.status);
    const items = json[list];
    if (!Array.isArray(items) || items.length === 0) throw this.noAnswer(json, list);
    return { bytes, json };
  }

  private noAnswer(json: JsonObject, lacks: string): Error {
    if (isObject(json['error']) || typeof json['error'] === 'string')
      return failureWithin(this.name, json, 'unanswered');
    return new ProviderFault('invalid_answer', `${this.name} answered without ${lacks}.`, 200, null);
  }
}

/** Its usage is always asked for: it is what the caller pays by. */
function streaming(chat: JsonObject): JsonObject {
  return { stream: true, stream_options: { ...objectOf(chat['stream_options']), include_usage: true } };
}

/** The name by which the caller asked for the model. */
function requestedModel({ body, model }: ProviderRequest): string {
  return textOf(body['model']) || model;
}

function contentTypeOf({ headers }: UpstreamAnswer): string {
  const type = headers['content-type'];
  return typeof type === 'string' ? type : JSON_TYPE;
}

function whole(contentType: string, body: Uint8Array | string, usage: AiUsage): PlainAnswer {
  return { kind: 'plain', contentType, body, usage };
}
