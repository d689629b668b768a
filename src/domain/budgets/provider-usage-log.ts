import type { UserId } from '../accounts/user.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';
import type { ProviderSpend, ServiceType } from './budget-ledger.js';

export type ProviderUsageLogId = Id<'ProviderUsageLog'>;

/** One immutable entry: provider money that was spent outside the gateway and the sessions, as it was reported to us. */
export interface ProviderUsageLog {
  readonly id: ProviderUsageLogId;
  /** Null when it is nobody's but the operator's own. */
  readonly userId: UserId | null;
  /** With the user the business key: one request is logged once. */
  readonly requestId: string;
  readonly service: ServiceType;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly tokens: number;
  readonly estimated: Money;
  /** Null while nobody told. */
  readonly actual: Money | null;
  readonly succeeded: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Who reported it. */
  readonly actor: string;
  readonly at: Date;
}

export abstract class ProviderUsageLogRepository {
  /** In the running transaction. False, and nothing is kept, when the request of this user is logged already. */
  abstract append(entry: ProviderUsageLog): Promise<boolean>;
}

/** What a reported request cost us: what it did where that is known, and the estimate until then. */
export function spendOfReport({ actual, estimated, ...entry }: ProviderUsageLog): ProviderSpend {
  const { userId, requestId, at, service, provider, model, tokens } = entry;
  const cost = actual ?? estimated;
  return { userId, requestId, cost, isEstimate: actual === null, at, service, provider, model, tokens };
}

/** Beside the gateway's and the sessions' own: whoever reports one of those names ends no hold of theirs. */
export function reportRequestId(requestId: string): string {
  return `report:${requestId}`;
}
