import type { AiRequestEnd, BillingCounts, Telemetry } from '#application/ports/telemetry';

/** Keeps every count as one line of words: `transcriptionFinished sandbox completed 61`. */
export class RecordingTelemetry implements Telemetry {
  readonly counted: string[] = [];

  sessionCreated(plan: string): void {
    this.counted.push(`sessionCreated ${plan}`);
  }

  limitRefused(limit: string): void {
    this.counted.push(`limitRefused ${limit}`);
  }

  transcriptionStarted(provider: string, type: string): void {
    this.counted.push(`transcriptionStarted ${provider} ${type}`);
  }

  transcriptionFinished(provider: string, outcome: string, seconds: number): void {
    this.counted.push(`transcriptionFinished ${provider} ${outcome} ${seconds}`);
  }

  holdClosed(state: string, seconds: number): void {
    this.counted.push(`holdClosed ${state} ${seconds}`);
  }

  httpAnswered(method: string, route: string, status: number): void {
    this.counted.push(`httpAnswered ${method} ${route} ${status}`);
  }

  jobRan(task: string, outcome: 'done' | 'failed'): void {
    this.counted.push(`jobRan ${task} ${outcome}`);
  }

  paymentEventClosed(outcome: 'applied' | 'ignored' | 'dead'): void {
    this.counted.push(`paymentEventClosed ${outcome}`);
  }

  paymentEventLag(seconds: number): void {
    this.counted.push(`paymentEventLag ${seconds}`);
  }

  webhookRefused(): void {
    this.counted.push('webhookRefused');
  }

  webhookRepeated(): void {
    this.counted.push('webhookRepeated');
  }

  billingCounted({ subscriptions, invoices }: BillingCounts): void {
    this.counted.push(`billingCounted ${JSON.stringify(subscriptions)} ${JSON.stringify(invoices)}`);
  }

  checkoutStarted(plan: string): void {
    this.counted.push(`checkoutStarted ${plan}`);
  }

  portalOpened(): void {
    this.counted.push('portalOpened');
  }

  aiRequestEnded({ provider, model, outcome, costMicros }: AiRequestEnd): void {
    this.counted.push(`aiRequestEnded ${provider} ${model} ${outcome} ${costMicros}`);
  }

  aiRequestRefused(endpoint: string, code: string): void {
    this.counted.push(`aiRequestRefused ${endpoint} ${code}`);
  }

  aiProviderFailed(provider: string, fault: string): void {
    this.counted.push(`aiProviderFailed ${provider} ${fault}`);
  }

  circuitChanged(key: string, state: string): void {
    this.counted.push(`circuitChanged ${key} ${state}`);
  }

  aiHoldsOpen(change: 1 | -1): void {
    this.counted.push(`aiHoldsOpen ${change}`);
  }

  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: 'text/plain', text: this.counted.join('\n') };
  }
}
