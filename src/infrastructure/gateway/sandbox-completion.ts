import { createHash } from 'node:crypto';
import type { JsonObject } from '#application/gateway/ai-provider';
import type { AiUsage, UsageSource } from '#domain/providers/ai-usage';
import { outputTokensOf, type SandboxReply } from './sandbox-chat.js';

/** Everything about a completion that is not in its reply. */
export interface CompletionFacts {
  readonly model: string;
  readonly createdSeconds: number;
  readonly choices: number;
  /** What the same request always gets as its id. */
  readonly seed: string;
}

const SANDBOX = { system_fingerprint: 'minutebook-sandbox' };

/** https://platform.openai.com/docs/api-reference/chat/object */
export function completionOf(reply: SandboxReply, facts: CompletionFacts): JsonObject {
  const { toolCall, finishReason, pieces } = reply;
  const message = toolCall
    ? { role: 'assistant', content: null, tool_calls: [{ id: callId(facts), type: 'function', function: toolCall }] }
    : { role: 'assistant', content: pieces.join('') };
  return {
    id: completionId(facts),
    object: 'chat.completion',
    created: facts.createdSeconds,
    model: facts.model,
    ...SANDBOX,
    choices: indexes(facts).map((index) => ({ index, message, logprobs: null, finish_reason: finishReason })),
    usage: usageObject(reply, facts.choices),
  };
}

/** https://platform.openai.com/docs/api-reference/chat-streaming: the chunks of the same answer, one token of content each. */
export function* chunksOf(reply: SandboxReply, facts: CompletionFacts): Generator<JsonObject> {
  const chunk = (index: number, delta: JsonObject, finishReason: string | null): JsonObject => ({
    ...chunkHead(facts),
    choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
  });
  const { pieces, toolCall, finishReason } = reply;
  for (const index of indexes(facts)) yield chunk(index, { role: 'assistant', content: toolCall ? null : '' }, null);
  for (const index of indexes(facts)) {
    if (toolCall) {
      const { name, arguments: said } = toolCall;
      const begin = { index: 0, id: callId(facts), type: 'function', function: { name, arguments: '' } };
      yield chunk(index, { tool_calls: [begin] }, null);
      for (const piece of said.match(/.{1,16}/gs) ?? []) {
        yield chunk(index, { tool_calls: [{ index: 0, function: { arguments: piece } }] }, null);
      }
    }
    for (const content of pieces) yield chunk(index, { content }, null);
  }
  for (const index of indexes(facts)) yield chunk(index, {}, finishReason);
}

export function usageChunk(reply: SandboxReply, facts: CompletionFacts): JsonObject {
  return { ...chunkHead(facts), choices: [], usage: usageObject(reply, facts.choices) };
}

export function usageOf(inputTokens: number, outputTokens: number, source: UsageSource): AiUsage {
  return { quantities: { input_token: inputTokens, output_token: outputTokens }, source, image: null };
}

function chunkHead(facts: CompletionFacts): JsonObject {
  return {
    id: completionId(facts),
    object: 'chat.completion.chunk',
    created: facts.createdSeconds,
    model: facts.model,
    ...SANDBOX,
  };
}

function usageObject(reply: SandboxReply, choices: number): JsonObject {
  const output = outputTokensOf(reply) * choices;
  return { prompt_tokens: reply.inputTokens, completion_tokens: output, total_tokens: reply.inputTokens + output };
}

const indexes = ({ choices }: CompletionFacts): readonly number[] => [...Array(choices).keys()];
const completionId = (facts: CompletionFacts): string => `chatcmpl-${digest(facts)}`;
const callId = (facts: CompletionFacts): string => `call_${digest(facts)}`;
const digest = ({ seed }: CompletionFacts): string => createHash('sha256').update(seed).digest('hex').slice(0, 24);
