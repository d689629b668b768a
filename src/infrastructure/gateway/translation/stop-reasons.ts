const STOP_REASONS: ReadonlyMap<unknown, string> = new Map([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['tool_calls', 'tool_use'],
  ['function_call', 'tool_use'],
  ['content_filter', 'refusal'],
]);

const FINISH_REASONS: ReadonlyMap<unknown, string> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/**
 * Anthropic's `stop_reason` for OpenAI's `finish_reason`. Some compatible servers say `stop` after calling tools: clients
 * would then never run them, so that a call of a tool counts more than the word.
 */
export function stopReasonOf(finishReason: unknown, callsTools: boolean): string {
  const reason = STOP_REASONS.get(finishReason) ?? 'end_turn';
  return reason === 'end_turn' && callsTools ? 'tool_use' : reason;
}

/** OpenAI's `finish_reason` for Anthropic's `stop_reason`. */
export function finishReasonOf(stopReason: unknown): string {
  return FINISH_REASONS.get(stopReason) ?? 'stop';
}
