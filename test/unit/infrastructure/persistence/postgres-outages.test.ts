import { runInNewContext } from 'node:vm';
import { QueryFailedError } from 'typeorm';
import { DatabaseUnavailable } from '#application/ports/outages';
import { PostgresOutages } from '#infrastructure/persistence/postgres-outages';

const outages = new PostgresOutages();
const error = (fields: object, message = 'something'): Error => Object.assign(new Error(message), fields);

describe('PostgresOutages', () => {
  it.each([
    '08006',
    '08001',
    '25006',
    '28P01',
    '3D000',
    '53300',
    '53100',
    '57P01',
    '57P03',
    'ECONNREFUSED',
    'EHOSTUNREACH',
  ])('takes %s for an outage, from the driver itself or wrapped', (code) => {
    const driverError = error({ code });
    expect(outages.recognise(driverError)).toBeInstanceOf(DatabaseUnavailable);
    expect(outages.recognise(new QueryFailedError('select 1', [], driverError))).toBeInstanceOf(DatabaseUnavailable);
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
  ])('takes the driver’s own words "%s" for an outage', (message) =>
    expect(outages.recognise(error({}, message))).toBeInstanceOf(DatabaseUnavailable),
  );

  it.each(['23505', '23514', '22P02', '42P01', '40001', 'EACCES'])('takes %s for a mistake of ours', (code) => {
    expect(outages.recognise(error({ code }))).toBeNull();
    expect(outages.recognise(new QueryFailedError('select 1', [], error({ code })))).toBeNull();
  });

  it('tells a missing socket from a missing file', () => {
    expect(outages.recognise(error({ code: 'ENOENT', syscall: 'connect' }))).toBeInstanceOf(DatabaseUnavailable);
    expect(outages.recognise(error({ code: 'ENOENT', syscall: 'open' }))).toBeNull();
  });

  it('knows an error that was made in another realm', () => {
    const foreign = runInNewContext(
      `Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })`,
    ) as unknown;
    expect(foreign instanceof Error).toBe(false);
    expect(outages.recognise(foreign)).toBeInstanceOf(DatabaseUnavailable);
  });

  it('makes nothing of what is no error', () => {
    for (const thrown of [null, undefined, 'ECONNREFUSED', { code: 'ECONNREFUSED' }])
      expect(outages.recognise(thrown)).toBeNull();
  });
});
