import type { JsonObject } from '#application/gateway/ai-provider';
import { type SandboxAnswer, tokensIn } from './sandbox-chat.js';
import { dataEvent, DONE_EVENT } from './translation/server-sent-events.js';

/** Everything about an answer that is not in its words. */
export interface AnswerFacts {
  readonly model: string;
  readonly inputTokens: number;
  /** Letters and digits that the same request always gets. */
  readonly digest: string;
  readonly createdSeconds: number;
}

/** One event of a stream, as it is sent. */
export interface SandboxEvent {
  readonly text: string;
  /** `token` delivers exactly one, `end` is the last of them, everything else is `frame`. */
  readonly kind: 'frame' | 'token' | 'end';
}

/** https://platform.openai.com/docs/api-reference/chat/object */
export function completionOf(answers: readonly SandboxAnswer[], facts: AnswerFacts): JsonObject {
  return {
    ...headOf(facts, 'chat.completion'),
    choices: answers.map((answer, index) => ({
      index,
      message: { role: 'assistant', ...saidIn(answer, callId(facts, index)), refusal: null },
      logprobs: null,
      finish_reason: finishReasonOf(answer),
    })),
    usage: usageIn(answers, facts),
  };
}

/**
 * https://platform.openai.com/docs/api-reference/chat-streaming: one answer after the other, each from its role to its
 * finish_reason; then the usage, when the caller asked for it, and `[DONE]`.
 */
export function* completionEvents(
  answers: readonly SandboxAnswer[],
  facts: AnswerFacts,
  includeUsage: boolean,
): Generator<SandboxEvent, void, void> {
  const head = headOf(facts, 'chat.completion.chunk');
  const chunk = (index: number, delta: JsonObject, finishReason: string | null) =>
    dataEvent({
      ...head,
      choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
      ...(includeUsage ? { usage: null } : {}),
    });
  for (const [index, answer] of answers.entries()) {
    const begun = saidIn({ ...answer, pieces: [] }, callId(facts, index), 0);
    yield { text: chunk(index, { role: 'assistant', ...begun }, null), kind: 'frame' };
    for (const piece of answer.pieces) {
      const delta =
        answer.tool === null ? { content: piece } : { tool_calls: [{ index: 0, function: { arguments: piece } }] };
      yield { text: chunk(index, delta, null), kind: 'token' };
    }
    yield { text: chunk(index, {}, finishReasonOf(answer)), kind: 'frame' };
  }
  if (includeUsage) {
    yield { text: dataEvent({ ...head, choices: [], usage: usageIn(answers, facts) }), kind: 'frame' };
  }
  yield { text: DONE_EVENT, kind: 'end' };
}

function headOf({ digest, createdSeconds, model }: AnswerFacts, object: string): JsonObject {
  return {
    id: `chatcmpl-sandbox-${digest}`,
    object,
    created: createdSeconds,
    model,
    system_fingerprint: 'minutebook-sandbox',
  };
}

/** Of a call in pieces, `place` is where it stands among the calls. */
function saidIn({ pieces, tool }: SandboxAnswer, id: string, place?: number): JsonObject {
  const text = pieces.join('');
  if (tool === null) return { content: text };
  const call = { id, type: 'function', function: { name: tool, arguments: text } };
  return { content: null, tool_calls: [place === undefined ? call : { index: place, ...call }] };
}

function callId({ digest }: AnswerFacts, index: number): string {
  return `call_sandbox_${digest}_${index}`;
}

function finishReasonOf({ cut, tool }: SandboxAnswer): string {
  if (cut) return 'length';
  return tool === null ? 'stop' : 'tool_calls';
}

function usageIn(answers: readonly SandboxAnswer[], { inputTokens }: AnswerFacts): JsonObject {
  const output = tokensIn(answers);
  return { prompt_tokens: inputTokens, completion_tokens: output, total_tokens: inputTokens + output };
}
