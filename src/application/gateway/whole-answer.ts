import type { KeptAnswer } from '../ports/idempotent-answers.js';
import type { AiAsk } from './ai-ask.js';
import type { ProviderAnswer } from './ai-provider.js';

/** The body of a kept answer of the gateway. */
export interface WholeAnswer {
  readonly contentType: string;
  readonly text: string;
}

/** An answer that is kept under the Idempotency-Key of its request. */
export interface AnswerToKeep {
  readonly key: string;
  readonly answer: KeptAnswer;
}

/** Null when nobody can ask for it again: without a key, and of a stream. */
export function answerToKeep(
  { idempotencyKey: key, fingerprint }: Pick<AiAsk, 'idempotencyKey' | 'fingerprint'>,
  answer: ProviderAnswer,
): AnswerToKeep | null {
  if (key === null || answer.kind === 'stream') return null;
  const { contentType, body } = answer;
  const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  return { key, answer: { fingerprint, status: 200, body: { contentType, text } satisfies WholeAnswer } };
}
