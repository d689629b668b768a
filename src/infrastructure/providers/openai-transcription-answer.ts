import type { TranscribedSegment } from '#application/sessions/transcriber';

/** What a transcription answered, of the shapes `verbose_json` and `diarized_json`. */
export interface OpenAiTranscription {
  readonly segments: readonly TranscribedSegment[];
  /** False when the answer had the text alone: it is one segment then, as long as the recording. */
  readonly hasTimes: boolean;
  readonly seconds: number | null;
  /** As the service spells it: `english`, `en`. */
  readonly language: unknown;
  readonly usage: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads the answer of `POST /audio/transcriptions` (https://platform.openai.com/docs/api-reference/audio): objects
 * TranscriptionVerbose and TranscriptionDiarized, and what compatible servers leave out of them. Null when it is no
 * transcription at all.
 */
export function findTranscription(body: string, recordingSeconds: number): OpenAiTranscription | null {
  const answer = parsed(body);
  if (answer === null) return null;
  const segments = findSegments(answer['segments']);
  const text = answer['text'];
  if (segments === null && typeof text !== 'string') return null;

  const usage = isObject(answer['usage']) ? answer['usage'] : null;
  const seconds = findSeconds(answer['duration']) ?? findSeconds(usage?.['seconds']);
  return {
    segments: segments ?? [wholeText(text as string, seconds ?? recordingSeconds)],
    hasTimes: segments !== null,
    seconds,
    language: answer['language'],
    usage: usage && figuresOf(usage),
  };
}

function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const answer: unknown = JSON.parse(body);
    return isObject(answer) ? answer : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** All of them, or null: a list that can be read in part would be a transcript with holes. */
function findSegments(list: unknown): readonly TranscribedSegment[] | null {
  if (!Array.isArray(list)) return null;
  const segments = list.map(findSegment);
  return segments.every((segment) => segment !== null) ? segments : null;
}

function findSegment(item: unknown): TranscribedSegment | null {
  if (!isObject(item)) return null;
  const { start, end, text, speaker, avg_logprob: logprob } = item;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return null;
  return {
    speaker: typeof speaker === 'string' || typeof speaker === 'number' ? String(speaker) : null,
    startMs: Math.round(start * 1000),
    endMs: Math.round(end * 1000),
    text: text.trim(),
    // The mean log-probability of the segment's tokens; `diarized_json` has none.
    confidence: typeof logprob === 'number' ? Math.min(Math.exp(logprob), 1) : null,
  };
}

function wholeText(text: string, seconds: number): TranscribedSegment {
  return { speaker: null, startMs: 0, endMs: Math.round(seconds * 1000), text: text.trim(), confidence: null };
}

/** Older versions of the API wrote the duration as text. */
function findSeconds(value: unknown): number | null {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

const USAGE_FIGURES = ['type', 'seconds', 'input_tokens', 'output_tokens', 'total_tokens'];

function figuresOf(usage: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isFigure = ([name, value]: readonly [string, unknown]) =>
    USAGE_FIGURES.includes(name) && (typeof value === 'number' || typeof value === 'string');
  return Object.fromEntries(Object.entries(usage).filter(isFigure));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
