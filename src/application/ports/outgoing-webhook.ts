import type { Fact } from '#domain/shared/domain-exception';

/** Something that happened, as it is told to a program of the operator's. */
export interface OutgoingEvent {
  /** The same whenever it is posted again: whoever receives it twice knows it by this. */
  readonly id: string;
  /** Words with full stops between them: `budget.alert`. */
  readonly type: string;
  /** When it happened: ISO 8601, UTC. */
  readonly timestamp: string;
  /** In snake_case. */
  readonly data: Readonly<Record<string, Fact>>;
}

/** Where the operator wants to be told what happens, if anywhere. */
export abstract class OutgoingWebhook {
  /**
   * Posts it once, signed. Answers false when there is nowhere to post to. Rejects unless the receiver answers with a status of
   * 2xx in time: then it can be posted again.
   */
  abstract post(event: OutgoingEvent): Promise<boolean>;
}
