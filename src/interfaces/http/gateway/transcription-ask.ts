import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import type { JsonObject } from '#application/gateway/ai-provider';
import { HttpProblem } from '../shared/problem.js';
import { type FieldProblem, InvalidRequest } from '../shared/parse.js';
import { modelOf } from './chat-ask.js';

/** https://platform.openai.com/docs/guides/speech-to-text: «File uploads are currently limited to 25 MB». */
export const MOST_AUDIO_BYTES = 25 * 1024 * 1024;
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
 * Throws InvalidRequest, and HttpProblem 413 and 415.
 */
export async function transcriptionForm(request: IncomingMessage): Promise<TranscriptionForm> {
  const { fields, file } = await formOf(request);
  const problems: FieldProblem[] = [];
  const model = modelOf(fields, problems);
  if (file === null) problems.push({ field: 'file', message: 'file must be a recording, sent as a file of the form' });
  const format = fields['response_format'];
  if (format !== undefined && (typeof format !== 'string' || !FORMATS.includes(format))) {
    problems.push({ field: 'response_format', message: `response_format must be one of ${FORMATS.join(', ')}` });
  }
  if (fields['stream'] === 'true') {
    problems.push({ field: 'stream', message: 'transcripts come whole: leave stream out' });
  }
  if (problems.length > 0 || file === null) throw new InvalidRequest(problems);
  return { model, fields, file };
}

async function formOf(
  request: IncomingMessage,
): Promise<{ fields: JsonObject; file: TranscriptionForm['file'] | null }> {
  if (!/^multipart\/form-data;.*boundary=/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      'Send the recording as multipart/form-data, in the field file.',
    );
  }
  return new Promise((resolve, reject) => {
    const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    let file: TranscriptionForm['file'] | null = null;
    const form = new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fileSize: MOST_AUDIO_BYTES, files: 1, fields: MOST_FIELDS, fieldSize: MOST_FIELD_BYTES },
    });
    const refuse = (error: Error): void => {
      request.unpipe(form);
      // What is still on its way is thrown away, so that the answer can be read.
      request.resume();
      reject(error);
    };
    form.on('field', (name, value, _nameTruncated, truncated) => {
      if (truncated) return refuse(new InvalidRequest([{ field: name, message: `${name} is too long` }]));
      if (!name.endsWith('[]')) fields[name] = value;
      else fields[name] = [...((fields[name] as string[] | undefined) ?? []), value];
    });
    form.on('file', (name, stream: BusboyFileStream, filename, _encoding, contentType) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => void pieces.push(piece));
      stream.on('limit', () => {
        const message = `A recording has ${MOST_AUDIO_BYTES} bytes at most. Send a shorter one, or one that is compressed more.`;
        refuse(new HttpProblem(413, 'file_too_large', message, { limit_bytes: MOST_AUDIO_BYTES }));
      });
      stream.on('end', () => {
        if (name === 'file') file = { filename: filename || 'audio', contentType, bytes: Buffer.concat(pieces) };
      });
    });
    form.on('error', (error: unknown) => {
      refuse(new InvalidRequest([{ field: '', message: `the form cannot be read: ${(error as Error).message}` }]));
    });
    form.on('finish', () => resolve({ fields: { ...fields }, file }));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new HttpProblem(400, 'incomplete_body', 'The form ended before it was complete.'));
    });
    request.pipe(form);
  });
}
