import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { JsonObject } from '#application/gateway/ai-provider';
import { unlessAborted } from '#application/gateway/unless-aborted';
import { HttpProblem } from '../shared/problem.js';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';
import type { BodyShare } from './body-room.js';
import { modelOf } from './chat-ask.js';
import { received } from './incoming-body.js';

/** https://platform.openai.com/docs/guides/speech-to-text: «File uploads are currently limited to 25 MB». */
export const MOST_AUDIO_BYTES = 25 * 1024 * 1024;
/** What the fields beside the recording, and the lines between them, may take. */
const MOST_BYTES_AROUND = 1024 * 1024;
const MOST_FIELDS = 50;
const MOST_FIELD_BYTES = 64 * 1024;
const FORMATS = ['json', 'verbose_json', 'text', 'srt', 'vtt'];

/** A form with a recording, as it was sent; how long the recording is, is for the server to measure. */
export interface TranscriptionForm {
  readonly model: string;
  /** Fields beside the file; those with brackets in their name are lists. */
  readonly fields: JsonObject;
  readonly file: { readonly filename: string; readonly contentType: string; readonly bytes: Buffer };
}

/**
 * `POST /v1/audio/transcriptions` (https://platform.openai.com/docs/api-reference/audio/createTranscription).
 * Throws InvalidRequest, HttpProblem 413 and 415, and as `received` does.
 */
export async function transcriptionForm(request: IncomingMessage, share: BodyShare): Promise<TranscriptionForm> {
  const { fields, file } = await formOf(request, share);
  const problems: FieldProblem[] = [];
  const model = modelOf(fields, problems);
  if (file === null) problems.push({ field: 'file', message: 'file must be a recording, sent as a file of the form' });
  const format = fields['response_format'];
  if (format !== undefined && (typeof format !== 'string' || !FORMATS.includes(format))) {
    problems.push({ field: 'response_format', message: `response_format must be one of ${FORMATS.join(', ')}` });
  }
  if (fields['stream'] !== undefined && fields['stream'] !== 'false') {
    problems.push({ field: 'stream', message: 'transcripts come whole: stream must be false, or left out' });
  }
  if (problems.length > 0 || file === null) throw new InvalidRequest(problems);
  return { model, fields, file };
}

interface Form {
  readonly fields: JsonObject;
  readonly file: TranscriptionForm['file'] | null;
}

async function formOf(request: IncomingMessage, share: BodyShare): Promise<Form> {
  if (!/^multipart\/form-data;.*boundary=/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      'Send the recording as multipart/form-data, in the field file.',
    );
  }
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let file: Form['file'] = null;
  const broken = new AbortController();
  const refuse = (error: Error): void => broken.abort(error);
  const form = busboyOf(request);
  form.on('field', (name, value, _nameTruncated, truncated) => {
    // Whatever its types say.
    if (typeof name !== 'string') return refuse(unreadable('a part has no name'));
    if (truncated) return refuse(new InvalidRequest([{ field: name, message: `${name} is too long` }]));
    if (!name.endsWith('[]')) fields[name] = value;
    else fields[name] = [...((fields[name] as string[] | undefined) ?? []), value];
  });
  form.on('file', (name, stream: BusboyFileStream, filename, _encoding, contentType) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => void pieces.push(piece));
    stream.on('limit', () => refuse(tooLong()));
    // That the form ended in mid-file is said here, too; unheard it would end the process.
    stream.on('error', (error: Error) => refuse(unreadable(error.message)));
    stream.on('end', () => {
      if (name === 'file') file = { filename: filename || 'audio', contentType, bytes: Buffer.concat(pieces) };
    });
  });
  form.on('error', (error: unknown) => refuse(unreadable((error as Error).message)));
  const finished = new Promise<void>((resolve) => void form.on('finish', resolve));
  const intake = { share, mostBytes: MOST_AUDIO_BYTES + MOST_BYTES_AROUND, tooLong, stopped: broken.signal };
  // All of it is kept in any case: there is nobody to be waited for.
  await received(request, intake, (piece) => void form.write(piece));
  form.end();
  await unlessAborted(finished, broken.signal);
  return { fields: { ...fields }, file };
}

function busboyOf({ headers }: IncomingMessage): BusboyInstance {
  const limits = { fileSize: MOST_AUDIO_BYTES, files: 1, fields: MOST_FIELDS, fieldSize: MOST_FIELD_BYTES };
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits });
  } catch (error) {
    // Of its boundary, which it knows nothing to do with.
    throw unreadable((error as Error).message);
  }
}

function unreadable(why: string): InvalidRequest {
  return new InvalidRequest([{ field: '', message: `the form cannot be read: ${why}` }]);
}

function tooLong(): HttpProblem {
  const message = `A recording has ${MOST_AUDIO_BYTES} bytes at most. Send a shorter one, or one that is compressed more.`;
  return new HttpProblem(413, 'file_too_large', message, { limit_bytes: MOST_AUDIO_BYTES });
}
