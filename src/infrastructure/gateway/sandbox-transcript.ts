import { type AudioFile, type JsonObject, type PlainAnswer, ProviderRefusal } from '#application/gateway/ai-provider';
import { clockTime } from '#domain/sessions/transcript-formats';
import { sandboxConversation } from '../providers/sandbox-conversation.js';
import { textOf } from './translation/fields.js';

const SAYS_SO = "This transcript was made up by Minutebook's sandbox.";
const WORDS_PER_SECOND = 2;
const MOST_WORDS = 2000;

/** As long as words are made up for; what is longer is said more slowly. */
const MOST_SECONDS = MOST_WORDS / WORDS_PER_SECOND;

interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/**
 * https://platform.openai.com/docs/api-reference/audio/createTranscription: a conversation as long as the recording, about
 * two words a second. Throws ProviderRefusal for a language that is no ISO 639 code.
 */
export function sandboxTranscript(audio: AudioFile, fields: JsonObject): PlainAnswer {
  const language = textOf(fields['language']) || 'en';
  const name = languageName(language);
  const segments = segmentsOf(audio, language);
  const text = segments.map((segment) => segment.text).join(' ');
  const seconds = Math.ceil(audio.seconds);
  const answer = (contentType: string, body: string): PlainAnswer => ({
    kind: 'plain',
    contentType,
    body,
    usage: { quantities: { audio_second: seconds }, source: 'provider', image: null },
  });
  const usage = { type: 'duration', seconds };
  switch (fields['response_format']) {
    case 'text':
      return answer('text/plain; charset=utf-8', `${text}\n`);
    case 'srt':
      return answer('application/x-subrip; charset=utf-8', srt(segments));
    case 'vtt':
      return answer('text/vtt; charset=utf-8', vtt(segments));
    case 'verbose_json':
      return answer('application/json', JSON.stringify(verbose(segments, text, name, audio.seconds, usage)));
    default:
      return answer('application/json', JSON.stringify({ text, usage }));
  }
}

/** As Whisper names what it heard: `english`. */
function languageName(code: string): string {
  const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  const name = /^[a-z]{2,3}$/i.test(code) ? names.of(code) : undefined;
  if (name !== undefined) return name.toLowerCase();
  const message = 'language: must be an ISO 639-1 code, for example en.';
  throw new ProviderRefusal(400, message, 'invalid_language_format', 'language');
}

/** That it is made up comes first, however short the recording is. Each line takes its share of the time, by its words. */
function segmentsOf({ seconds, filename }: AudioFile, language: string): readonly Segment[] {
  const spoken = Math.ceil(Math.min(seconds, MOST_SECONDS));
  // Its speakers take breaks: twice as long a one has words enough.
  const conversation = sandboxConversation({ seconds: 2 * spoken, filename, language });
  const lines: { readonly text: string; readonly words: number }[] = [];
  let left = Math.max(wordsIn(SAYS_SO, 'en', MOST_WORDS).words, spoken * WORDS_PER_SECOND);
  let said = 0;
  for (const text of [SAYS_SO, ...conversation.map((segment) => segment.text)]) {
    if (left === 0) break;
    const line = wordsIn(text, language, left);
    lines.push(line);
    left -= line.words;
    said += line.words;
  }
  let words = 0;
  const timeMs = () => Math.round((words / said) * seconds * 1000);
  return lines.map((line) => {
    const startMs = timeMs();
    words += line.words;
    return { startMs, endMs: timeMs(), text: line.text };
  });
}

/** The text up to its last word of so many, by the rules of the language: Chinese has no spaces between its words. */
function wordsIn(text: string, language: string, most: number): { readonly text: string; readonly words: number } {
  let words = 0;
  for (const { isWordLike, index } of new Intl.Segmenter(language, { granularity: 'word' }).segment(text)) {
    if (!isWordLike) continue;
    if (words === most) return { text: text.slice(0, index).trimEnd(), words };
    words++;
  }
  return { text, words };
}

function verbose(
  segments: readonly Segment[],
  text: string,
  language: string,
  duration: number,
  usage: JsonObject,
): JsonObject {
  return {
    task: 'transcribe',
    language,
    duration,
    text,
    segments: segments.map(({ startMs, endMs, text: said }, id) => ({
      id,
      seek: 0,
      start: startMs / 1000,
      end: endMs / 1000,
      text: said,
      tokens: [],
      temperature: 0,
      avg_logprob: 0,
      compression_ratio: 1,
      no_speech_prob: 0,
    })),
    usage,
  };
}

function srt(segments: readonly Segment[]): string {
  return segments.map((segment, index) => `${index + 1}\n${timesOf(segment, ',')}\n${segment.text}\n`).join('\n');
}

function vtt(segments: readonly Segment[]): string {
  return ['WEBVTT\n', ...segments.map((segment) => `${timesOf(segment, '.')}\n${segment.text}\n`)].join('\n');
}

function timesOf({ startMs, endMs }: Segment, decimalMark: '.' | ','): string {
  const time = (ms: number) => `${clockTime(ms)}${decimalMark}${String(ms % 1000).padStart(3, '0')}`;
  return `${time(startMs)} --> ${time(endMs)}`;
}
