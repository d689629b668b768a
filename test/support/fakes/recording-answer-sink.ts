import type { ProviderFault } from '#application/gateway/ai-provider';
import type { AnswerHead, AnswerSink } from '#application/gateway/answer-sink';
import type { Money } from '#domain/shared/money';

/** Keeps what is written as lines of words: `begin`, `write {}`, `fail timeout`, `end 210`. */
export class RecordingAnswerSink implements AnswerSink {
  readonly lines: string[] = [];
  head: AnswerHead | null = null;
  /** Called with each piece; what it answers is waited for. */
  taking: (piece: string) => Promise<void> | null = () => null;

  begin(head: AnswerHead): void {
    this.head = head;
    this.lines.push('begin');
  }

  write(piece: Uint8Array | string): Promise<void> | null {
    this.lines.push(`write ${String(piece)}`);
    return this.taking(String(piece));
  }

  fail({ kind }: ProviderFault): void {
    this.lines.push(`fail ${kind}`);
  }

  end(cost: Money | null): void {
    this.lines.push(`end ${cost === null ? 'unknown' : cost.micros}`);
  }
}
