import type { FinalReport } from '../sessions/transcriber.js';
import type { OutgoingEvent } from './outgoing-webhook.js';

/** The effects that leave a transaction. Each task has one handler in `interfaces/jobs`. */
export interface Tasks {
  readonly transcribe: { readonly sessionId: string; readonly attempt: number };
  readonly remove_recording: { readonly uploadKey: string };
  /** A result that a provider delivered by itself. */
  readonly land_transcription: { readonly sessionId: string; readonly attempt: number; readonly report: FinalReport };
  readonly apply_payment_event: { readonly eventId: string };
  /** Enqueued by the database, with the spend that set the alert off. */
  readonly deliver_budget_alert: { readonly alertId: string };
  readonly post_webhook: OutgoingEvent;
  /** Of a user who was suspended. */
  readonly close_checkouts: { readonly userId: string };
  /** A run that an operator asked for; from the clock it names none, and one is begun. */
  readonly verify_books: { readonly runId?: string };
  /** Enqueued by the clock alone. */
  readonly land_lost_transcriptions: Readonly<Record<string, never>>;
  readonly enforce_retention: Readonly<Record<string, never>>;
  readonly reconcile_payments: Readonly<Record<string, never>>;
  readonly expire_credits: Readonly<Record<string, never>>;
  readonly close_lost_ai_requests: Readonly<Record<string, never>>;
  readonly remind_subscribers: Readonly<Record<string, never>>;
  readonly grant_included_credit: Readonly<Record<string, never>>;
  readonly reconcile_subscriptions: Readonly<Record<string, never>>;
  readonly run_sandbox_billing: Readonly<Record<string, never>>;
  readonly take_revenue_snapshot: Readonly<Record<string, never>>;
}

export abstract class JobQueue {
  /**
   * Enqueued in the running transaction: it exists exactly when the transaction commits, and is then delivered at
   * least once, not before `runAt`. A second one with the same `key` that is still waiting replaces the first.
   */
  abstract add<T extends keyof Tasks>(
    task: T,
    payload: Tasks[T],
    options?: { readonly runAt?: Date; readonly key?: string },
  ): Promise<void>;
}
