import { isBillable, transcriptionTypeAfter, type Outcome } from '#domain/usage/transcription-type';
import { billingReason } from '#domain/usage/usage-log';

const PASTS: [past: Outcome[], type: string][] = [
  [[], 'original'],
  [['failed'], 'retry_failed'],
  [['failed', 'failed'], 'retry_failed'],
  [['completed'], 'retry_success'],
  [['failed', 'completed'], 'retry_success'],
  [['completed', 'failed'], 'retry_success'],
  [['failed', 'completed', 'failed'], 'retry_success'],
  [['completed', 'completed'], 'retry_success'],
];

describe('the type of the next transcription', () => {
  it.each(PASTS)('after %j is %s', (past, type) => {
    expect(transcriptionTypeAfter(past)).toBe(type);
  });

  it('decides who pays: only a retry after a failure is free', () => {
    expect([isBillable('original'), isBillable('retry_failed'), isBillable('retry_success')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is told to people as a reason', () => {
    expect(billingReason('original', 'completed')).toBe('transcription_completed');
    expect(billingReason('retry_failed', 'completed')).toBe('retry_after_failure');
    expect(billingReason('retry_success', 'completed')).toBe('retranscription');
    expect(billingReason('retry_success', 'failed')).toBe('transcription_failed');
  });
});
