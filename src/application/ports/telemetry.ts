/** What the product counts about itself. Counting never fails a request and never decides anything. */
export abstract class Telemetry {
  abstract sessionCreated(plan: string): void;
  /** `limit` is the refusal's code. */
  abstract limitRefused(limit: string): void;
  abstract transcriptionStarted(provider: string, type: string): void;
  abstract transcriptionFinished(provider: string, outcome: string, seconds: number): void;
  /** From the placing of a hold to its end. */
  abstract holdClosed(state: string, seconds: number): void;
  /** `route` is the pattern, not the address: addresses have no bound. */
  abstract httpAnswered(method: string, route: string, status: number, seconds: number): void;
  abstract jobRan(task: string, outcome: 'done' | 'failed', seconds: number): void;
  /** An event of a payment provider came to its end. */
  abstract paymentEventClosed(outcome: 'applied' | 'ignored' | 'dead'): void;
  /** Everything counted so far, in the Prometheus text format, and the content type to serve it with. */
  abstract exposition(): Promise<{ readonly contentType: string; readonly text: string }>;
}
