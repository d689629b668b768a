import type { Session } from '#domain/sessions/session';
import type { JobQueue } from '../ports/job-queue.js';

/** An upload that began within the lifetime of its ticket has surely ended by then. */
const LATEST_UPLOAD_MS = 60 * 60 * 1000;

/**
 * Has the recording of a session removed as soon as the running transaction is committed. An upload that was never
 * confirmed may still arrive, so what then lies there is removed when none can arrive any more: a file that no session
 * knows of would be kept for ever.
 */
export async function enqueueRecordingRemoval(
  jobs: JobQueue,
  { uploadKey, durationSeconds }: Session,
  now: Date,
): Promise<void> {
  if (uploadKey === null) return;
  await jobs.add('remove_recording', { uploadKey });
  if (durationSeconds !== null) return;
  await jobs.add('remove_recording', { uploadKey }, { runAt: new Date(now.getTime() + LATEST_UPLOAD_MS) });
}
