import { graphileLog } from '#infrastructure/jobs/graphile-log';
import { RecordingLog } from '#test/support/fakes/recording-log';

describe('what graphile-worker says', () => {
  it('goes to our log when something is wrong, with the error itself', () => {
    const log = new RecordingLog();
    const error = new Error('gone');
    graphileLog(log).error('Cron hit an error', { error });
    graphileLog(log).warn('Runner stopping');
    expect(log.lines).toMatchObject([
      { level: 'error', error, message: 'Cron hit an error' },
      { level: 'warn', message: 'Runner stopping' },
    ]);
  });

  it('is left out when it is chatter, or about a job that we speak of ourselves', () => {
    const log = new RecordingLog();
    const logger = graphileLog(log).scope({ label: 'worker' });
    logger.info('Worker connected and looking for jobs...');
    logger.debug('Spawned');
    logger.error('Failed task 7', { failure: true });
    logger.info('Completed task 7', { success: true });
    expect(log.lines).toEqual([]);
  });
});
