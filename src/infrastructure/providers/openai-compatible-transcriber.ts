import type { Clock } from '#application/ports/clock';
import {
  TranscriberUnavailable,
  type Transcriber,
  type TranscriptionOrder,
  type TranscriptionReport,
} from '#application/sessions/transcriber';
import { AnswerLate, AnswerTooLarge, type HttpAnswer, postStream } from './http-upload.js';
import { heardLanguage, requestedLanguage } from './language-tags.js';
import { findRefusalMessage } from './openai-refusal.js';
import { findTranscription } from './openai-transcription-answer.js';
import { retryAfterSeconds } from './retry-after.js';
import { RecordingChanged, RecordingUnreadable, TranscriptionForm } from './transcription-form.js';

export interface OpenAiCompatibleSettings {
  /** As it stands in rate cards and `stt_provider`: `openai`. */
  readonly provider: string;
  /** Up to and without `/audio/transcriptions`: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Null for servers that ask for none. */
  readonly apiKey: string | null;
  /** The setting that the key came from, for the message that says to check it. */
  readonly apiKeySetting: string;
  readonly model: string;
  /** For the whole exchange, upload and answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** https://platform.openai.com/docs/guides/speech-to-text: «File uploads are currently limited to 25 MB». */
export const OPENAI_MAX_BYTES = 25 * 1024 * 1024;

/** A day of speech is about 5 MB of `verbose_json`. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/** Request Time-out, Conflict, Too Early and Too Many Requests: refused now, not for good. */
const PASSING = [408, 409, 425, 429];

/**
 * Any server that speaks OpenAI's `POST /audio/transcriptions`: OpenAI itself, or a self-hosted Whisper. It answers at
 * once, so there are no jobs to ask after. One submission is one request: nothing is sent twice in here.
 */
export class OpenAiCompatibleTranscriber implements Transcriber {
  readonly simulated = false;
  readonly provider: string;
  readonly model: string;
  private readonly url: URL;

  /** Throws when the base URL or the key cannot be used in a request at all. */
  constructor(
    private readonly settings: OpenAiCompatibleSettings,
    private readonly clock: Clock,
  ) {
    this.provider = settings.provider;
    this.model = settings.model;
    this.url = new URL(`${settings.baseUrl.replace(/\/+$/, '')}/audio/transcriptions`);
    if (!/^https?:$/.test(this.url.protocol)) throw new Error(`${settings.baseUrl} is not an http(s) address.`);
    if (settings.apiKey !== null && !/^[\x21-\x7e]+$/.test(settings.apiKey)) {
      throw new Error(`${settings.apiKeySetting} contains spaces or characters that no API key has.`);
    }
  }

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    const { maxBytes } = this.settings;
    if (order.bytes > maxBytes) {
      return this.failed(`${this.provider} takes recordings of up to ${maxBytes} bytes; this one has ${order.bytes}.`);
    }
    const recording = await order.open();
    try {
      const form = new TranscriptionForm(this.fields(order), {
        name: neutralName(order.filename),
        contentType: /^[\w.+-]+\/[\w.+-]+$/.test(order.contentType) ? order.contentType : 'application/octet-stream',
        bytes: order.bytes,
      });
      const limits = { timeoutMs: this.settings.timeoutMs, answerBytes: LARGEST_ANSWER_BYTES };
      const answer = await postStream(this.url, this.headers(order, form), form.write(recording), limits);
      return this.reportOf(answer, order);
    } catch (error) {
      return this.reportOfBroken(error);
    } finally {
      recording.destroy();
    }
  }

  async poll(): Promise<TranscriptionReport> {
    return this.failed(`${this.provider} answers at once; it has no jobs to ask after.`);
  }

  private fields(order: TranscriptionOrder): Readonly<Record<string, string>> {
    const language = requestedLanguage(order.language);
    return {
      model: order.model,
      response_format: this.format,
      // Required of the diarizing model for more than 30 seconds; the others do not need it.
      ...(this.format === 'diarized_json' && { chunking_strategy: 'auto' }),
      ...(language !== null && { language }),
    };
  }

  /** The diarizing model knows no other format with times, and every other model does not know this one. */
  private get format(): 'diarized_json' | 'verbose_json' {
    return this.model.includes('diarize') ? 'diarized_json' : 'verbose_json';
  }

  private headers(order: TranscriptionOrder, form: TranscriptionForm): Readonly<Record<string, string | number>> {
    return {
      'content-type': form.contentType,
      'content-length': form.bytes,
      accept: 'application/json',
      // Servers that know it answer a repeated delivery without working twice. OpenAI does not promise to.
      'idempotency-key': order.attemptKey,
      ...(this.settings.apiKey !== null && { authorization: `Bearer ${this.settings.apiKey}` }),
    };
  }

  private reportOf(answer: HttpAnswer, order: TranscriptionOrder): TranscriptionReport {
    const { status } = answer;
    if (status >= 200 && status < 300) return this.transcriptionOf(answer, order);
    if (status >= 500 || PASSING.includes(status)) {
      const said = findRefusalMessage(answer.body, this.settings.apiKey);
      throw new TranscriberUnavailable(
        `${this.provider} answered ${status}${said === null ? '.' : `: ${said}`}`,
        retryAfterSeconds(answer.headers['retry-after'], this.clock.now()),
      );
    }
    return this.failed(this.reasonOf(answer), { status, ...requestIdOf(answer) });
  }

  private transcriptionOf(answer: HttpAnswer, order: TranscriptionOrder): TranscriptionReport {
    const found = findTranscription(answer.body, order.seconds);
    if (!found) {
      return this.failed(`${this.provider} answered ${answer.status} with something that is no transcription.`, {
        status: answer.status,
        ...requestIdOf(answer),
      });
    }
    return {
      state: 'done',
      reportedSeconds: found.seconds,
      language: order.language === 'auto' ? heardLanguage(found.language) : order.language,
      segments: found.segments,
      metadata: {
        provider: this.provider,
        model: this.model,
        response_format: this.format,
        segment_times: found.hasTimes,
        ...(found.usage && { usage: found.usage }),
        ...requestIdOf(answer),
      },
    };
  }

  private reasonOf({ status, body }: HttpAnswer): string {
    const { apiKey, apiKeySetting, baseUrl } = this.settings;
    const said = findRefusalMessage(body, apiKey);
    const [what, advice] = ((): [string, string] => {
      if (status === 401) return ['did not accept the API key', ` Check ${apiKeySetting}.`];
      if (status === 403) return ['does not allow this', ` Check what ${apiKeySetting} may use.`];
      if (status === 404) return ['has no such model or address', ` Check ${this.model} and ${baseUrl}.`];
      if (status === 413) return ['finds the recording too large', ''];
      if (status < 400) return ['answered with a redirect, which is not followed', ` Check ${baseUrl}.`];
      return ['refused the recording', ''];
    })();
    // What is said about a wrong key quotes it.
    const quote = status === 401 || said === null ? '' : ` It says: ${said}`;
    return `${this.provider} ${what} (${status}).${advice}${quote}`;
  }

  private reportOfBroken(error: unknown): TranscriptionReport {
    if (error instanceof RecordingUnreadable) throw error.cause;
    if (error instanceof RecordingChanged) return this.failed(error.message);
    if (error instanceof AnswerTooLarge) return this.failed(`${this.provider}: ${error.message}`);
    if (error instanceof AnswerLate) throw new TranscriberUnavailable(`${this.provider}: ${error.message}`);
    const code = (error as { readonly code?: unknown }).code;
    if (error instanceof TranscriberUnavailable || typeof code !== 'string') throw error;
    throw new TranscriberUnavailable(`${this.provider} could not be reached (${code}).`);
  }

  private failed(reason: string, more: Readonly<Record<string, unknown>> = {}): TranscriptionReport {
    return { state: 'failed', reason, metadata: { provider: this.provider, model: this.model, ...more } };
  }
}

/** The service needs the extension alone; the name that a coach gave a file often names the client. */
function neutralName(filename: string): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(filename)?.[1];
  return extension === undefined ? 'recording' : `recording.${extension.toLowerCase()}`;
}

function requestIdOf({ headers }: HttpAnswer): Readonly<Record<string, string>> {
  const id = headers['x-request-id'];
  return typeof id === 'string' ? { request_id: id.slice(0, 100) } : {};
}
