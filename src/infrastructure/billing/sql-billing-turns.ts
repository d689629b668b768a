import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { injectable } from 'inversify';
import { type BillingTurns, SubscriptionBusy } from '#application/billing/billing-turns';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** How long one waits: less than clients wait for an answer. */
const PATIENCE_MS = 5_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [10, 160];

/** A turn that nobody prolongs is over, and is prolonged long before: a process that died blocks nobody for longer. */
const LEASE_SECONDS = 30;
const PROLONGED_EVERY_MS = 10_000;
/** What is left of a lease that is prolonged is never less; two seconds are for a database that is slow. */
const PROLONGED_LEFT_SECONDS = LEASE_SECONDS - PROLONGED_EVERY_MS / 1000 - 2;
const SOON_SECONDS = 1;

/**
 * Turns as rows that are leased, by the clock of the database: they cost no connection while the provider is spoken to, which a lock of
 * PostgreSQL would, and work through a pooler.
 */
@injectable()
export class SqlBillingTurns implements BillingTurns {
  constructor(private readonly database: TypeOrmTransaction) {}

  async alone<T>(userId: UserId, work: () => Promise<T>): Promise<T> {
    if (this.database.isRunning)
      throw new Error('A turn is taken outside any transaction: it is there to be seen by others.');
    const holder = await this.taken(userId);
    const prolonging = setInterval(() => void this.prolong(userId, holder), PROLONGED_EVERY_MS);
    try {
      return await work();
    } finally {
      clearInterval(prolonging);
      await this.database.prepared(RETURN, [userId, holder]);
    }
  }

  private async taken(userId: UserId): Promise<string> {
    const holder = randomUUID();
    let wait = FIRST_PAUSE_MS;
    for (let waited = 0; waited <= PATIENCE_MS; waited += wait, wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      const { rowCount } = await this.database.prepared(TAKE, [userId, holder]);
      if (rowCount === 1) return holder;
      await pause(wait);
    }
    throw new SubscriptionBusy(await this.retryAfterSeconds(userId));
  }

  /** A turn that nobody prolongs any more blocks until its lease is over; one that lives may end at any moment. */
  private async retryAfterSeconds(userId: UserId): Promise<number> {
    const { rows } = await this.database.prepared<{ left: number }>(LEFT, [userId]);
    const left = rows[0]?.left ?? 0;
    return left < PROLONGED_LEFT_SECONDS ? Math.max(1, Math.ceil(left)) : SOON_SECONDS;
  }

  /** Best effort: when the database is away, the deed ends with an error of its own. */
  private async prolong(userId: UserId, holder: string): Promise<void> {
    await this.database.prepared(PROLONG, [userId, holder]).catch(() => undefined);
  }
}

const TAKE = {
  name: 'billing_turn_take',
  text: `insert into billing_turns (user_id, holder, expires_at)
         values ($1, $2, clock_timestamp() + interval '${LEASE_SECONDS} seconds')
         on conflict (user_id) do update set holder = excluded.holder, expires_at = excluded.expires_at
          where billing_turns.expires_at <= clock_timestamp()`,
};
const PROLONG = {
  name: 'billing_turn_prolong',
  text: `update billing_turns set expires_at = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
          where user_id = $1 and holder = $2`,
};
const LEFT = {
  name: 'billing_turn_left',
  text: `select extract(epoch from expires_at - clock_timestamp())::float8 as left from billing_turns where user_id = $1`,
};
const RETURN = { name: 'billing_turn_return', text: 'delete from billing_turns where user_id = $1 and holder = $2' };
