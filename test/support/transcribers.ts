import type { TranscriberUnavailable, TranscriptionReport } from '#application/sessions/transcriber';
import {
  OPENAI_MAX_BYTES,
  OpenAiCompatibleTranscriber,
  type OpenAiCompatibleSettings,
} from '#infrastructure/providers/openai-compatible-transcriber';
import type { OpenAiTranscriptionDouble } from './openai-transcription-double.js';

/** The key that the double accepts. */
export const KEY = 'sk-double-0123456789';

/** At 10:00 on 20 November 2025, with the double for a provider. */
export const openAiTranscriber = (openai: OpenAiTranscriptionDouble, of: Partial<OpenAiCompatibleSettings> = {}) =>
  new OpenAiCompatibleTranscriber(
    {
      provider: 'openai',
      baseUrl: openai.baseUrl,
      apiKey: KEY,
      apiKeySetting: 'OPENAI_API_KEY',
      model: 'whisper-1',
      timeoutMs: 10_000,
      maxBytes: OPENAI_MAX_BYTES,
      ...of,
    },
    { now: () => new Date('2025-11-20T10:00:00.000Z') },
  );

export function done(report: TranscriptionReport): Extract<TranscriptionReport, { state: 'done' }> {
  if (report.state !== 'done') throw new Error(`It is ${JSON.stringify(report)}.`);
  return report;
}

export function failed(report: TranscriptionReport): Extract<TranscriptionReport, { state: 'failed' }> {
  if (report.state !== 'failed') throw new Error(`It is ${report.state}.`);
  return report;
}

/** What `asked` was turned away with. */
export async function unavailable(asked: Promise<unknown>): Promise<TranscriberUnavailable> {
  const error = await asked.then(
    (report) => new Error(`It answered ${JSON.stringify(report)}.`),
    (reason: TranscriberUnavailable) => reason,
  );
  expect(error.name).toBe('TranscriberUnavailable');
  return error as TranscriberUnavailable;
}
