import { count, type Finding, ok } from './finding.js';
import type { ScheduleState } from './system-state.js';
import type { VerificationRun } from './verification-runs.js';

/** Once a day it runs; after two days without it is called asleep. */
export const VERIFICATION_PATIENCE_MS = 2 * 24 * 60 * 60_000;

/**
 * What there is to say of the last verification of the books. `stale`: before then it is too long ago; null where the clock was moved, and
 * nobody can tell.
 */
export function verificationFinding(
  latest: VerificationRun | null,
  schedule: ScheduleState | null,
  stale: Date | null,
): Finding {
  const warning = { check: 'verification', verdict: 'warning' } as const;
  if (latest === null) {
    if (schedule !== null && schedule.knownForMs > VERIFICATION_PATIENCE_MS) {
      return {
        ...warning,
        summary: 'The books were never verified, although workers know of it for two days.',
        next: ASK,
      };
    }
    return ok('verification', 'The books were not verified yet: a worker does so once a day.');
  }
  const { outcome, findingsCount, truncated, entriesChecked, error } = latest;
  const at = (latest.finishedAt ?? latest.startedAt).toISOString();
  if (outcome === 'failed') {
    return { ...warning, summary: `The last verification of the books failed at ${at}: ${error}.`, next: ASK };
  }
  if (outcome === 'lost') {
    return {
      ...warning,
      summary: `The last verification of the books, begun at ${latest.startedAt.toISOString()}, never ended.`,
      next: ASK,
    };
  }
  if (findingsCount > 0) {
    return {
      check: 'verification',
      verdict: 'broken',
      summary: `The books were verified at ${at}: ${truncated ? 'more than ' : ''}${count(findingsCount, 'difference')} (entries checked: ${entriesChecked}).`,
      next: 'See them with GET /api/v1/admin/verification, or "minutebook verify", which says what each means.',
    };
  }
  const summary = `The books were verified at ${at}: nothing differs (entries checked: ${entriesChecked}).`;
  if (stale !== null && latest.startedAt < stale) {
    return { ...warning, summary, next: 'Start a worker, which does so once a day, or run "minutebook verify".' };
  }
  return ok('verification', summary);
}

const ASK = 'Ask for one with POST /api/v1/admin/verification, or run "minutebook verify".';
