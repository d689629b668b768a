import {
  Transcriber,
  TranscriberUnavailable,
  type TranscriptionOrder,
  type TranscriptionReport,
} from '#application/sessions/transcriber';

type Answer = TranscriptionReport | TranscriberUnavailable;

/** A provider that answers as the test says, and succeeds when it says nothing. */
export class ScriptedTranscriber implements Transcriber {
  readonly simulated = false;
  readonly provider = 'sandbox';
  readonly model = 'sandbox-1';
  /** What comes next, first one first. */
  readonly next: Answer[] = [];
  readonly submitted: TranscriptionOrder[] = [];
  readonly polled: string[] = [];

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    this.submitted.push(order);
    return this.answer(order);
  }

  async poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    this.polled.push(externalId);
    return this.answer(order);
  }

  private answer(order: TranscriptionOrder): TranscriptionReport {
    const answer = this.next.shift() ?? spoken(order.seconds, `Run ${this.submitted.length}.`);
    if (answer instanceof TranscriberUnavailable) throw answer;
    return answer;
  }
}

export const FAILED: TranscriptionReport = { state: 'failed', reason: 'too noisy', metadata: { provider: 'sandbox' } };

export function spoken(reportedSeconds: number | null, text: string): TranscriptionReport {
  const segment = { speaker: 'A', startMs: 0, endMs: 1000, text, confidence: 0.9 };
  return { state: 'done', reportedSeconds, language: 'en-US', segments: [segment], metadata: { provider: 'sandbox' } };
}
