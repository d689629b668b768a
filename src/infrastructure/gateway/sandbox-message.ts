import type { JsonObject } from '#application/gateway/ai-provider';
import type { SandboxAnswer } from './sandbox-chat.js';
import type { AnswerFacts, SandboxEvent } from './sandbox-completion.js';
import { namedEvent } from './translation/server-sent-events.js';

/** https://docs.claude.com/en/api/messages. The input of a call that was cut short is empty: half of it is no JSON. */
export function messageOf(answer: SandboxAnswer, facts: AnswerFacts): JsonObject {
  const text = answer.pieces.join('');
  const block = answer.tool === null ? { text } : { input: answer.cut ? {} : (JSON.parse(text) as JsonObject) };
  return {
    ...headOf(facts),
    content: [{ ...blockOf(answer, facts), ...block }],
    stop_reason: stopReasonOf(answer),
    stop_sequence: null,
    usage: usageOf(facts, answer.pieces.length),
  };
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming */
export function* messageEvents(answer: SandboxAnswer, facts: AnswerFacts): Generator<SandboxEvent, void, void> {
  const event = (data: JsonObject & { readonly type: string }, kind: SandboxEvent['kind'] = 'frame') => ({
    text: namedEvent(data),
    kind,
  });
  const begun = { ...headOf(facts), content: [], stop_reason: null, stop_sequence: null, usage: usageOf(facts, 0) };
  yield event({ type: 'message_start', message: begun });
  yield event({ type: 'content_block_start', index: 0, content_block: blockOf(answer, facts) });
  for (const piece of answer.pieces) {
    const delta =
      answer.tool === null ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };
    yield event({ type: 'content_block_delta', index: 0, delta }, 'token');
  }
  yield event({ type: 'content_block_stop', index: 0 });
  const delta = { stop_reason: stopReasonOf(answer), stop_sequence: null };
  yield event({ type: 'message_delta', delta, usage: { output_tokens: answer.pieces.length } });
  yield event({ type: 'message_stop' }, 'end');
}

function headOf({ digest, model }: AnswerFacts): JsonObject {
  return { id: `msg_sandbox_${digest}`, type: 'message', role: 'assistant', model };
}

function blockOf({ tool }: SandboxAnswer, { digest }: AnswerFacts): JsonObject {
  return tool === null
    ? { type: 'text', text: '' }
    : { type: 'tool_use', id: `toolu_sandbox_${digest}`, name: tool, input: {} };
}

function stopReasonOf({ cut, tool }: SandboxAnswer): string {
  if (cut) return 'max_tokens';
  return tool === null ? 'end_turn' : 'tool_use';
}

function usageOf({ inputTokens }: AnswerFacts, outputTokens: number): JsonObject {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}
