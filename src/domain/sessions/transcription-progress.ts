import type { Session } from './session.js';

/** How far a session has come, as its owner is told. */
export interface TranscriptionProgress {
  /** 0 to 100; 100 when there is a transcript, and not before. */
  readonly percent: number;
  readonly message: string;
  /** Null when nothing runs, and when what runs has taken longer than expected: then nobody knows. */
  readonly estimatedCompletion: Date | null;
}

/**
 * No provider says how far it is, so progress is elapsed over expected time. What is expected: half a minute for the
 * queue, the upload to the provider and the answer, and a tenth of the recording's length for the work itself.
 */
const EXPECTED_OVERHEAD_SECONDS = 30;
const SPEED_OF_WORK = 10;

/** Between being started and being done; neither end is claimed before it is reached. */
const FIRST_PERCENT = 10;
const LAST_PERCENT = 95;

/** `startedAt` is the start of the latest attempt; null when there was none. */
export function progressOf(session: Session, startedAt: Date | null, now: Date): TranscriptionProgress {
  const still = (percent: number, message: string) => ({ percent, message, estimatedCompletion: null });
  switch (session.status) {
    case 'uploading':
      return still(0, 'Waiting for the recording to be uploaded and confirmed.');
    case 'pending':
      return still(5, 'The recording is ready to be transcribed.');
    case 'processing':
      return startedAt === null ? still(FIRST_PERCENT, RUNNING) : running(session, startedAt, now);
    case 'completed':
      return still(100, 'The transcript is ready.');
    case 'failed':
      return still(0, session.error === null ? 'The session failed.' : `The session failed: ${session.error}`);
    case 'cancelled':
      return still(0, 'The session was cancelled.');
  }
}

const RUNNING = 'The recording is being transcribed.';

function running(session: Session, startedAt: Date, now: Date): TranscriptionProgress {
  const expectedMs = (EXPECTED_OVERHEAD_SECONDS + session.duration.seconds / SPEED_OF_WORK) * 1000;
  const share = Math.max(0, now.getTime() - startedAt.getTime()) / expectedMs;
  if (share >= 1) {
    const message = 'The recording is being transcribed, and takes longer than expected.';
    return { percent: LAST_PERCENT, message, estimatedCompletion: null };
  }
  return {
    percent: FIRST_PERCENT + Math.floor(share * (LAST_PERCENT - FIRST_PERCENT)),
    message: RUNNING,
    estimatedCompletion: new Date(startedAt.getTime() + expectedMs),
  };
}
