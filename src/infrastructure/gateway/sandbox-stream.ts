import { setImmediate } from 'node:timers/promises';
import { ProviderFault, type StreamedAnswer } from '#application/gateway/ai-provider';
import type { AiUsage, UsageSource } from '#domain/providers/ai-usage';
import type { SandboxEvent } from './sandbox-completion.js';

/**
 * An answer in pieces, one event each, without waiting for time: before each of them everybody else has a turn. Every delta
 * of content, or of the arguments of a call, is exactly one output token, so that whoever counts the deltas that arrived
 * knows what is to be paid.
 */
export class SandboxStream implements StreamedAnswer {
  readonly kind = 'stream';
  readonly pieces: AsyncIterable<string>;
  private delivered = 0;
  private isComplete = false;

  constructor(
    events: Iterable<SandboxEvent>,
    private readonly inputTokens: number,
    signal: AbortSignal,
  ) {
    this.pieces = this.taken(events, signal);
  }

  usage(): AiUsage {
    return tokenUsage(this.inputTokens, this.delivered, this.isComplete ? 'provider' : 'estimate');
  }

  isFinishing(): boolean {
    return this.isComplete;
  }

  private async *taken(events: Iterable<SandboxEvent>, signal: AbortSignal): AsyncGenerator<string, void, void> {
    for (const { text, kind } of events) {
      await setImmediate();
      signal.throwIfAborted();
      if (kind === 'token') this.delivered++;
      if (kind === 'end') this.isComplete = true;
      yield text;
    }
  }
}

/** The events up to so many tokens, and never the end of the answer, and then a ProviderFault. */
export function* brokenAfter(tokens: number, events: Iterable<SandboxEvent>): Generator<SandboxEvent, void, void> {
  let delivered = 0;
  for (const event of events) {
    const isOver = event.kind === 'token' ? delivered++ === tokens : delivered > 0 || event.kind === 'end';
    if (isOver) {
      throw new ProviderFault('server_error', 'This sandbox breaks in the middle of every answer.', null, null);
    }
    yield event;
  }
}

export function tokenUsage(inputTokens: number, outputTokens: number, source: UsageSource): AiUsage {
  return { quantities: { input_token: inputTokens, output_token: outputTokens }, source, image: null };
}
