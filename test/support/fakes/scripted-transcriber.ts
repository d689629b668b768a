import type { Transcriber, TranscriptionOrder, TranscriptionReport } from '#application/sessions/transcriber';
import { aReport } from '../builders/reports.js';

/** Answers what it is told to, in order and then the last for ever; an error is thrown. Remembers what it was asked. */
export class ScriptedTranscriber implements Transcriber {
  readonly simulated = false;
  readonly submitted: TranscriptionOrder[] = [];
  readonly polled: string[] = [];
  answers: (TranscriptionReport | Error)[] = [aReport()];

  constructor(
    readonly provider: string = 'sandbox',
    readonly model: string = 'sandbox-1',
  ) {}

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    this.submitted.push(order);
    return this.answer();
  }

  async poll(externalId: string): Promise<TranscriptionReport> {
    this.polled.push(externalId);
    return this.answer();
  }

  private answer(): TranscriptionReport {
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
