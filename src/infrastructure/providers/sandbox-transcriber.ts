import type { Clock } from '#application/ports/clock';
import {
  type FinalReport,
  TranscriberUnavailable,
  type Transcriber,
  type TranscriptionOrder,
  type TranscriptionReport,
} from '#application/sessions/transcriber';
import { sandboxConversation } from './sandbox-conversation.js';

/**
 * Stands in for a speech-to-text provider: reads the whole recording, as a provider would, and makes up what was said
 * from the length, name and language of it alone. Its answer says that it is the sandbox's.
 */
export class SandboxTranscriber implements Transcriber {
  readonly simulated = true;
  readonly model = SANDBOX_MODEL;

  constructor(readonly provider: string = 'sandbox') {}

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    const bytes = await bytesRead(order);
    if (bytes !== order.bytes)
      return failed(this.provider, `The recording has ${bytes} bytes instead of ${order.bytes}.`);
    return this.report(order);
  }

  /** It has no jobs to ask after: it answers as it answered the first time. */
  async poll(_externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    return this.report(order);
  }

  private report(order: TranscriptionOrder): TranscriptionReport {
    return {
      state: 'done',
      reportedSeconds: order.seconds,
      language: order.language === 'auto' ? 'en-US' : order.language,
      segments: sandboxConversation(order),
      metadata: metadata(this.provider),
    };
  }
}

/** Hands a result over as a provider does that calls back; `attemptKey` says whose it is. */
export type ResultDelivery = (attemptKey: string, report: FinalReport) => Promise<void>;

/**
 * The sandbox in all its moods, each a provider of its own that `stt_provider` can name. `deliver` receives what
 * `sandbox-duplicate` calls back with.
 */
export function sandboxTranscribers(clock: Clock, deliver: ResultDelivery): readonly Transcriber[] {
  return [
    new SandboxTranscriber(),
    new FailingSandbox(),
    new SlowSandbox(clock),
    new DuplicateSandbox(deliver),
    new WrongDurationSandbox(),
    new FlakySandbox(),
  ];
}

const SANDBOX_MODEL = 'sandbox-1';

/** `sandbox-failing`: reads the recording and cannot make sense of it. */
export class FailingSandbox implements Transcriber {
  readonly simulated = true;
  readonly provider = 'sandbox-failing';
  readonly model = SANDBOX_MODEL;

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    await bytesRead(order);
    return this.poll();
  }

  async poll(): Promise<TranscriptionReport> {
    return failed(this.provider, 'This sandbox fails every transcription.');
  }
}

/**
 * `sandbox-slow`: takes a few seconds. Any process can be asked after the job: when it is ready stands in its external
 * id, and only the clock is needed to tell.
 */
export class SlowSandbox implements Transcriber {
  readonly simulated = true;
  readonly provider = 'sandbox-slow';
  readonly model = SANDBOX_MODEL;
  private readonly sandbox = new SandboxTranscriber(this.provider);

  constructor(
    private readonly clock: Clock,
    private readonly seconds = 3,
  ) {}

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    const report = await this.sandbox.submit(order);
    if (report.state !== 'done') return report;
    return this.running(`${this.provider}:${this.clock.now().getTime() + this.seconds * 1000}`);
  }

  async poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    const [provider, readyAt = ''] = externalId.split(':');
    if (provider !== this.provider || !/^\d+$/.test(readyAt)) {
      return failed(this.provider, 'This sandbox has no such job.');
    }
    return this.clock.now().getTime() < Number(readyAt)
      ? this.running(externalId)
      : this.sandbox.poll(externalId, order);
  }

  private running(externalId: string): TranscriptionReport {
    return { state: 'running', externalId, askAgainInSeconds: 1 };
  }
}

/** `sandbox-duplicate`: calls back with the result and then answers with it as well, as redelivering providers do. */
export class DuplicateSandbox implements Transcriber {
  readonly simulated = true;
  readonly provider = 'sandbox-duplicate';
  readonly model = SANDBOX_MODEL;
  private readonly sandbox = new SandboxTranscriber(this.provider);

  constructor(private readonly deliver: ResultDelivery) {}

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    const report = await this.sandbox.submit(order);
    if (report.state !== 'running') await this.deliver(order.attemptKey, report);
    return report;
  }

  poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    return this.sandbox.poll(externalId, order);
  }
}

/** `sandbox-wrong-duration`: claims to have worked on twice as much audio as there is. */
export class WrongDurationSandbox implements Transcriber {
  readonly simulated = true;
  readonly provider = 'sandbox-wrong-duration';
  readonly model = SANDBOX_MODEL;
  private readonly sandbox = new SandboxTranscriber(this.provider);

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    return this.doubled(await this.sandbox.submit(order), order);
  }

  async poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    return this.doubled(await this.sandbox.poll(externalId, order), order);
  }

  private doubled(report: TranscriptionReport, order: TranscriptionOrder): TranscriptionReport {
    return report.state === 'done' ? { ...report, reportedSeconds: order.seconds * 2 } : report;
  }
}

/**
 * `sandbox-flaky`: cannot be reached at the first delivery of an attempt, and answers the next. Nothing in an order
 * tells the deliveries of one attempt apart, so each process remembers the last thousand that it turned away.
 */
export class FlakySandbox implements Transcriber {
  readonly simulated = true;
  readonly provider = 'sandbox-flaky';
  readonly model = SANDBOX_MODEL;
  private readonly sandbox = new SandboxTranscriber(this.provider);
  private readonly turnedAway = new Set<string>();

  async submit(order: TranscriptionOrder): Promise<TranscriptionReport> {
    if (this.turnedAway.has(order.attemptKey)) return this.sandbox.submit(order);
    this.turnedAway.add(order.attemptKey);
    const [oldest] = this.turnedAway;
    if (oldest !== undefined && this.turnedAway.size > 1000) this.turnedAway.delete(oldest);
    throw new TranscriberUnavailable('This sandbox cannot be reached the first time.', 1);
  }

  poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport> {
    return this.sandbox.poll(externalId, order);
  }
}

async function bytesRead(order: TranscriptionOrder): Promise<number> {
  let bytes = 0;
  for await (const chunk of await order.open()) bytes += (chunk as Buffer).length;
  return bytes;
}

function failed(provider: string, reason: string): TranscriptionReport {
  return { state: 'failed', reason, metadata: metadata(provider) };
}

function metadata(provider: string): Readonly<Record<string, unknown>> {
  return { provider, sandbox: true };
}
