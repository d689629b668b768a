import type { ExportFormat } from '../plans/export-format.js';
import { oneLine } from './plain-text.js';
import type { SpeakerRole, Transcript, TranscriptSegment } from './transcript.js';

/** What an export says about the session besides its words. */
export interface TranscriptHeading {
  readonly title: string;
  readonly durationSeconds: number | null;
  /** BCP 47. */
  readonly language: string;
  readonly createdAt: Date;
}

/** The formats that are text, written here; the others are documents, behind a port of the application. */
export type TextFormat = Extract<ExportFormat, 'json' | 'txt' | 'vtt' | 'srt'>;

/** The whole file, ending in a line break. Titles and texts cannot break out of their place in it. */
export function transcriptText(format: TextFormat, transcript: Transcript, heading: TranscriptHeading): string {
  return WRITERS[format](transcript, heading);
}

const WRITERS: Readonly<Record<TextFormat, (transcript: Transcript, heading: TranscriptHeading) => string>> = {
  json,
  txt,
  vtt,
  srt,
};

const LABELS: Readonly<Record<SpeakerRole, string | null>> = { coach: 'Coach', client: 'Client', unknown: null };

/** Whose words they are, for people. Without a role it is `Speaker N`: a role that nobody gave is never printed. */
export function speakerLabel(transcript: Transcript, segment: TranscriptSegment): string {
  return LABELS[transcript.roleOf(segment)] ?? `Speaker ${segment.speaker}`;
}

/** Hours, minutes and seconds, as people read them: `00:03:07`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
}

/** The segments that still say something, on one line each; an edit may have emptied others. */
export function spokenLines(
  transcript: Transcript,
): readonly { readonly segment: TranscriptSegment; readonly label: string; readonly text: string }[] {
  return transcript.segments
    .map((segment) => ({ segment, label: speakerLabel(transcript, segment), text: oneLine(segment.text) }))
    .filter(({ text }) => text !== '');
}

/** The title on one line. */
export function headingTitle(heading: TranscriptHeading): string {
  return oneLine(heading.title);
}

/** What else the heading says, by name, as people read it. */
export function headingFacts(heading: TranscriptHeading): readonly (readonly [name: string, fact: string])[] {
  return [
    ['Date', heading.createdAt.toISOString()],
    ...(heading.durationSeconds === null ? [] : [['Duration', clockTime(heading.durationSeconds * 1000)] as const]),
    ['Language', oneLine(heading.language)],
  ];
}

function json(transcript: Transcript, heading: TranscriptHeading): string {
  const document = {
    session_id: transcript.sessionId,
    title: heading.title,
    duration_seconds: heading.durationSeconds,
    language: heading.language,
    created_at: heading.createdAt.toISOString(),
    role_assignments: transcript.speakerRoles,
    segment_roles: Object.fromEntries(
      transcript.segments.filter(({ role }) => role !== null).map(({ id, role }) => [id, role]),
    ),
    segments: transcript.segments.map((segment) => ({
      id: segment.id,
      speaker_id: segment.speaker,
      start_sec: segment.startMs / 1000,
      end_sec: segment.endMs / 1000,
      content: segment.text,
      confidence: segment.confidence,
      role: transcript.roleOf(segment),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function txt(transcript: Transcript, heading: TranscriptHeading): string {
  const lines = [
    `Transcript: ${headingTitle(heading)}`,
    ...headingFacts(heading).map(([name, fact]) => `${name}: ${fact}`),
  ];
  let speaking: string | null = null;
  for (const { label, text } of spokenLines(transcript)) {
    if (label !== speaking) lines.push('', `${label}:`);
    speaking = label;
    lines.push(text);
  }
  return `${lines.join('\n')}\n`;
}

/** WebVTT (W3C): a comment must not contain `-->`, and a cue ends at the first empty line. */
function vtt(transcript: Transcript, heading: TranscriptHeading): string {
  const title = escapedForVtt(headingTitle(heading));
  const cues = spokenLines(transcript).map(
    ({ segment, label, text }) => `${cueTimes(segment, '.')}\n<v ${label}>${escapedForVtt(text)}</v>`,
  );
  return `${['WEBVTT', ...(title === '' ? [] : [`NOTE ${title}`]), ...cues].join('\n\n')}\n`;
}

/** SubRip has no standard and no escapes: an arrow is written as one character, so no text reads as a time line. */
function srt(transcript: Transcript): string {
  const cues = spokenLines(transcript).map(
    ({ segment, label, text }, index) =>
      `${index + 1}\n${cueTimes(segment, ',')}\n${label}: ${text.replaceAll('-->', '→')}\n`,
  );
  return cues.join('\n');
}

/** WebVTT, section 4.1: in cue text `&` and `<` are written as escapes, and `-->` may not occur, hence `>` as well. */
function escapedForVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cueTimes({ startMs, endMs }: TranscriptSegment, decimalMark: '.' | ','): string {
  const time = (ms: number) => `${clockTime(ms)}${decimalMark}${String(ms % 1000).padStart(3, '0')}`;
  return `${time(startMs)} --> ${time(endMs)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
