import type { AudioFile, JsonObject, PlainAnswer, ProviderRequest } from '#application/gateway/ai-provider';
import { sandboxConversation } from '../providers/sandbox-conversation.js';

const SAYS_SO = 'This transcript is made up by the Minutebook sandbox.';

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A conversation as long as the recording, in each of OpenAI's formats. */
export function sandboxTranscript({ audio, body }: Pick<ProviderRequest, 'audio' | 'body'>): PlainAnswer {
  const { seconds } = audio!;
  const segments = segmentsOf(audio!, body);
  const text = segments.map((segment) => segment.text).join(' ');
  const usage = { type: 'duration', seconds };
  const formats: Readonly<Record<string, () => readonly [contentType: string, body: string]>> = {
    json: () => ['application/json', JSON.stringify({ text, usage })],
    verbose_json: () => ['application/json', JSON.stringify(verbose(segments, text, seconds, usage))],
    text: () => ['text/plain; charset=utf-8', `${text}\n`],
    srt: () => ['text/plain; charset=utf-8', srt(segments)],
    vtt: () => ['text/vtt; charset=utf-8', vtt(segments)],
  };
  const format = typeof body['response_format'] === 'string' ? body['response_format'] : 'json';
  const [contentType, written] = formats[format]!();
  return {
    kind: 'plain',
    contentType,
    body: written,
    usage: { quantities: { audio_second: seconds }, source: 'provider', image: null },
  };
}

function segmentsOf({ seconds, filename }: AudioFile, { language }: JsonObject): readonly Segment[] {
  const said = typeof language === 'string' ? language : 'en';
  return sandboxConversation({ seconds, filename, language: said }).map(({ startMs, endMs, text }, index) => ({
    start: startMs / 1000,
    end: endMs / 1000,
    text: index === 0 ? `${SAYS_SO} ${text}` : text,
  }));
}

function verbose(segments: readonly Segment[], text: string, duration: number, usage: JsonObject): JsonObject {
  return {
    task: 'transcribe',
    language: 'english',
    duration,
    text,
    segments: segments.map((segment, id) => ({
      id,
      seek: 0,
      ...segment,
      tokens: [],
      temperature: 0,
      avg_logprob: -0.1,
    })),
    usage,
  };
}

function srt(segments: readonly Segment[]): string {
  return segments
    .map(({ start, end, text }, index) => `${index + 1}\n${at(start, ',')} --> ${at(end, ',')}\n${text}\n`)
    .join('\n');
}

function vtt(segments: readonly Segment[]): string {
  return `WEBVTT\n\n${segments.map(({ start, end, text }) => `${at(start, '.')} --> ${at(end, '.')}\n${text}\n`).join('\n')}`;
}

/** hh:mm:ss and milliseconds. */
function at(seconds: number, point: string): string {
  return new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23).replace('.', point);
}
