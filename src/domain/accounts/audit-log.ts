import type { Id } from '../shared/id.js';
import type { Page, PageOf } from '../shared/page.js';
import type { UserId } from './user.js';

/** What an operator changed, for whom, why, and what it looked like before and after. */
export interface AuditEntry {
  /** A user's id, or `cli:<name>`. */
  readonly actor: string;
  readonly action: string;
  readonly userId: UserId | null;
  readonly reason: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** An entry as it was kept. */
export interface AuditRecord extends AuditEntry {
  readonly id: Id<'Audit'>;
  readonly at: Date;
}

/** Which entries are wanted; what is null does not matter. */
export interface AuditFilter {
  readonly userId: UserId | null;
  readonly actor: string | null;
  readonly action: string | null;
}

export abstract class AuditLog {
  /** Kept for ever, in the running transaction of the change itself. */
  abstract append(entry: AuditEntry): Promise<void>;

  /** Newest first. */
  abstract list(filter: AuditFilter, page: Page): Promise<PageOf<AuditRecord>>;
}
