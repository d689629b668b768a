import { types } from 'node:util';
import { injectable } from 'inversify';
import { DatabaseUnavailable, type Outages } from '#application/ports/outages';

/**
 * By SQLSTATE class (https://www.postgresql.org/docs/current/errcodes-appendix.html): 08 connection, 25006 a standby that
 * takes no writes, 28 and 3D not let in, 53 resources (too many connections, disk full), 57P shutdown; by Node's codes
 * for a socket that cannot be had; and by the two sentences with which the driver says that no connection came free, or
 * that one was lost under a query.
 */
const CODE =
  /^(08...|25006|28...|3D000|53...|57P0[1-5]|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const DRIVER = /timeout exceeded when trying to connect|Connection terminated|connection timeout|not queryable/i;

@injectable()
export class PostgresOutages implements Outages {
  recognise(error: unknown): DatabaseUnavailable | null {
    if (!types.isNativeError(error)) return null;
    const { code, driverError, syscall } = error as { code?: unknown; driverError?: unknown; syscall?: unknown };
    if (types.isNativeError(driverError) && driverError !== error) return this.recognise(driverError);
    // A missing file has the same code as a missing socket; only the latter is an outage of the database.
    if (code === 'ENOENT' && syscall !== 'connect') return null;
    return (typeof code === 'string' && CODE.test(code)) || DRIVER.test(error.message)
      ? new DatabaseUnavailable()
      : null;
  }
}
