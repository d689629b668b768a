import {
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
import type { Concealment, UpstreamSecrets } from './concealment.js';
import type { OutsideProvider } from './configured-ai-providers.js';
import { AsMessage, AsSent, type CompletionForm, completionPieces } from './openai-stream.js';
import { estimatedInput, usageOfImages, usageOfTranscription } from './openai-usage.js';
import { chatFromMessages } from './translation/chat-from-messages.js';
import { isObject, isSaid, listOf, objectOf, textOf } from './translation/fields.js';
import { messageFromCompletion } from './translation/message-from-completion.js';
import { MessageStream } from './translation/message-stream.js';
import { Upstream, type UpstreamAnswer, wholeBody } from './upstream.js';
import { beginningWith } from './upstream-exchange.js';
import { type AskedModel, failureOf, failureWithin } from './upstream-failure.js';

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

/** A page of HTML, or what no text has: a server that failed and does not say so by its status. */
const NO_TRANSCRIPT = /^\s*<(?:!doctype|html|\?xml)|\0/i;
const NO_TEXT_TYPE = /^text\/(?:html|event-stream)\b/i;

/** What of a list is an answer: what cannot be one is not charged. */
const ANSWERED = {
  choices: (choice: unknown) => isObject(choice) && isObject(choice['message']),
  data: (image: unknown) => isObject(image) && (textOf(image['url']) !== '' || textOf(image['b64_json']) !== ''),
} as const;

/**
 * Any server that speaks OpenAI's API: OpenAI itself, OpenRouter, Fireworks, Together, Mistral, DashScope, or one's own. Chat
 * in both dialects, Anthropic's is translated; pictures and transcripts in OpenAI's.
 */
export class OpenAiCompatibleProvider implements OutsideProvider {
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
    try {
      return await this.asked(request);
    } catch (error) {
      throw this.upstream.concealed(error);
    }
  }

  private async asked(request: ProviderRequest): Promise<ProviderAnswer> {
    switch (request.task) {
      case 'chat':
        return this.chat(request);
      case 'image':
        return this.drawn(request);
      case 'transcription':
        return this.transcribed(request);
    }
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

  private async chat(request: ProviderRequest): Promise<ProviderAnswer> {
    const chat = request.dialect === 'openai' ? request.body : this.translated(request.body);
    const body = { ...chat, model: request.model, ...(request.stream && streaming(chat)) };
    const meter = new CompletionMeter(chat);
    const answer = await this.post('/chat/completions', request, JSON.stringify(body), JSON_TYPE);
    return request.stream ? this.streamed(request, chat, answer, meter) : this.plain(request, chat, answer);
  }

  /** OpenAI's own newer models take the bound of an answer by its new name alone; most compatible servers know the old one. */
  private translated(body: JsonObject): JsonObject {
    const { max_tokens: bound, ...chat } = chatFromMessages(body);
    return this.name === 'openai' ? { ...chat, max_completion_tokens: bound } : { ...chat, max_tokens: bound };
  }

  private async plain(request: ProviderRequest, chat: JsonObject, answer: UpstreamAnswer): Promise<PlainAnswer> {
    const { bytes, json } = await this.objectOf(request, answer, 'choices');
    const usage = usageOfWhole(json, chat);
    if (request.dialect === 'openai') return whole(jsonTypeOf(answer), bytes, usage);
    return whole(JSON_TYPE, JSON.stringify(messageFromCompletion(json, requestedModel(request))), usage);
  }

  private async streamed(
    request: ProviderRequest,
    chat: JsonObject,
    answer: UpstreamAnswer,
    meter: CompletionMeter,
  ): Promise<StreamedAnswer> {
    // Some report an error with the status 200, and not in an event.
    if (contentTypeOf(answer).includes('json')) {
      const json = jsonObjectIn(this.name, (await wholeBody(this.name, answer)).toString('utf8'), answer.status);
      throw this.noAnswer(this.asking(request), json, 'stream');
    }
    const pieces = completionPieces(this.asking(request), answer.body, meter, this.formFor(request, chat));
    // An answer that ends before its first piece throws: there always is one.
    const { value } = await answer.body.beforeFirstByteIsLate(pieces.next());
    return {
      kind: 'stream',
      pieces: beginningWith(value as Uint8Array | string, pieces, this.upstream.concealed),
      usage: () => meter.usage,
      isFinishing: () => meter.isFinishing,
    };
  }

  private formFor(request: ProviderRequest, chat: JsonObject): CompletionForm {
    if (request.dialect === 'openai') return new AsSent(objectOf(chat['stream_options'])['include_usage'] === true);
    return new AsMessage(this.name, new MessageStream(requestedModel(request), estimatedInput(chat)));
  }

  private async drawn(request: ProviderRequest): Promise<PlainAnswer> {
    const { body, model } = request;
    const answer = await this.post('/images/generations', request, JSON.stringify({ ...body, model }), JSON_TYPE);
    const { bytes, json } = await this.objectOf(request, answer, 'data');
    return whole(jsonTypeOf(answer), bytes, usageOfImages(json, body));
  }

  private async transcribed(request: ProviderRequest): Promise<PlainAnswer> {
    const { audio, body, model } = request;
    if (audio === null) throw new Error('A transcription needs a recording.');
    const form = audioForm({ ...body, model }, audio);
    const answer = await this.post('/audio/transcriptions', request, form.body, form.contentType);
    const bytes = await wholeBody(this.name, answer);
    const text = bytes.toString('utf8');
    const isText = TEXT_FORMATS.includes(textOf(body['response_format']));
    const json = isText ? errorIn(text) : jsonObjectIn(this.name, text, answer.status);
    const isTranscript = isText
      ? json === null && !NO_TRANSCRIPT.test(text) && !NO_TEXT_TYPE.test(contentTypeOf(answer))
      : typeof json?.['text'] === 'string';
    if (!isTranscript) throw this.noAnswer(this.asking(request), json ?? {}, 'transcript');
    return whole(isText ? contentTypeOf(answer) : jsonTypeOf(answer), bytes, usageOfTranscription(json, audio.seconds));
  }

  /** Throws what the answer means when it is no success. */
  private async post(
    path: string,
    request: ProviderRequest,
    body: string | Uint8Array,
    contentType: string,
  ): Promise<UpstreamAnswer> {
    const { stream, requestId, signal } = request;
    const accept = stream ? 'text/event-stream' : '*/*';
    const answer = await this.upstream.post(path, { contentType, body, accept, requestId, signal });
    if (answer.status !== 200) throw await failureOf(this.asking(request), answer);
    return answer;
  }

  /** A JSON answer that has a list of that name with something in it. */
  private async objectOf(
    request: ProviderRequest,
    answer: UpstreamAnswer,
    list: keyof typeof ANSWERED,
  ): Promise<{ readonly bytes: Buffer; readonly json: JsonObject }> {
    const bytes = await wholeBody(this.name, answer);
    const json = jsonObjectIn(this.name, bytes.toString('utf8'), answer.status);
    if (!listOf(json[list]).some(ANSWERED[list])) throw this.noAnswer(this.asking(request), json, list);
    return { bytes, json };
  }

  private asking({ model }: ProviderRequest): AskedModel {
    return { provider: this.name, model };
  }

  private noAnswer(asked: AskedModel, json: JsonObject, lacks: string): Error {
    if (isObject(json['error']) || typeof json['error'] === 'string') return failureWithin(asked, json, 'unanswered');
    return new ProviderFault('invalid_answer', `${this.name} answered without ${lacks}.`, 200, null);
  }
}

/** An error as JSON where text was asked for. */
function errorIn(text: string): JsonObject | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && ['error', 'detail', 'message'].some((name) => isSaid(value[name])) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
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

/** What was read as JSON is no stream and no page, whatever its header says. */
function jsonTypeOf(answer: UpstreamAnswer): string {
  const type = contentTypeOf(answer);
  return type.includes('json') ? type : JSON_TYPE;
}

function whole(contentType: string, body: Uint8Array | string, usage: AiUsage): PlainAnswer {
  return { kind: 'plain', contentType, body, usage };
}
