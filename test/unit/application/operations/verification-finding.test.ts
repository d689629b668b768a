import { verificationFinding } from '#application/operations/verification-finding';
import type { VerificationRun, VerificationRunId } from '#application/operations/verification-runs';

const STARTED = new Date('2026-03-10T03:41:00.000Z');
const ENDED = new Date('2026-03-10T03:42:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const later = (ms: number): Date => new Date(STARTED.getTime() + ms);

const RUN: VerificationRun = {
  id: 'run' as VerificationRunId,
  requestedBy: 'system',
  startedAt: STARTED,
  finishedAt: ENDED,
  outcome: 'verified',
  error: null,
  findingsCount: 0,
  truncated: false,
  findings: [],
  checked: {},
  entriesChecked: 4320,
};

describe('The finding about the last verification', () => {
  it('is good where nothing differs', () => {
    expect(verificationFinding(RUN, null, STARTED)).toMatchObject({
      verdict: 'ok',
      summary: expect.stringContaining('4320'),
      next: null,
    });
  });

  it.each<[string, Partial<VerificationRun>, string]>([
    ['says how many differences there are', { findingsCount: 2 }, '2 differences (entries checked: 4320)'],
    [
      'says that there are more than were counted',
      { findingsCount: 4000, truncated: true },
      'more than 4000 differences',
    ],
  ])('is broken, and %s', (_, run, words) => {
    expect(verificationFinding({ ...RUN, ...run }, null, STARTED)).toMatchObject({
      verdict: 'broken',
      summary: expect.stringContaining(words),
      next: expect.stringContaining('/api/v1/admin/verification'),
    });
  });

  it.each<[string, Partial<VerificationRun>, string]>([
    ['failed', { outcome: 'failed', error: 'no space left' }, `failed at ${ENDED.toISOString()}: no space left`],
    ['was lost', { outcome: 'lost' }, `begun at ${STARTED.toISOString()}, never ended`],
  ])('warns of one that %s', (_, run, words) => {
    expect(verificationFinding({ ...RUN, ...run }, null, STARTED)).toMatchObject({
      verdict: 'warning',
      summary: expect.stringContaining(words),
      next: expect.any(String),
    });
  });

  it('warns of one that is too long ago, unless the clock was moved', () => {
    expect(verificationFinding(RUN, null, later(1))).toMatchObject({ verdict: 'warning' });
    expect(verificationFinding(RUN, null, later(0))).toMatchObject({ verdict: 'ok' });
    expect(verificationFinding(RUN, null, null)).toMatchObject({ verdict: 'ok' });
  });

  it('leaves workers two days for the first', () => {
    const known = (knownForMs: number) => verificationFinding(null, { knownForMs, ranMsAgo: null }, STARTED);
    expect(known(2 * DAY_MS)).toMatchObject({ verdict: 'ok' });
    expect(known(2 * DAY_MS + 1)).toMatchObject({ verdict: 'warning' });
    expect(verificationFinding(null, null, STARTED)).toMatchObject({ verdict: 'ok' });
  });
});
