import { jest } from '@jest/globals';
import type { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import { CreditExpiryHandler } from '#interfaces/jobs/credit-expiry.handler';
import { RecordingLog } from '#test/support/fakes/recording-log';

const handlerOf = (swept: number, failed: number): { handler: CreditExpiryHandler; log: RecordingLog } => {
  const log = new RecordingLog();
  const execute = jest.fn<CreditExpirySweep['execute']>().mockResolvedValue({ swept, failed });
  return { handler: new CreditExpiryHandler({ execute } as unknown as CreditExpirySweep, log), log };
};

describe('the job that closes what ran out', () => {
  it('comes every minute, and makes up for no minute that passed', () => {
    const { handler } = handlerOf(0, 0);
    expect([handler.task, handler.schedule]).toEqual(['expire_credits', { cron: '* * * * *', catchUp: false }]);
  });

  it('says how many accounts it closed something of, and nothing of none', async () => {
    const [some, none] = [handlerOf(3, 0), handlerOf(0, 0)];
    await some.handler.handle();
    await none.handler.handle();
    expect(some.log.lines).toMatchObject([{ level: 'info', fields: { accounts: 3 } }]);
    expect(none.log.lines).toEqual([]);
  });

  it('fails, to be tried again, when an account could not be closed', async () => {
    await expect(handlerOf(3, 1).handler.handle()).rejects.toThrow('1 accounts have credit that ran out');
  });
});
