import { injectable } from 'inversify';
import { SubscriptionNotFound } from '#application/billing/sandbox-subscription-desk';
import { Clock } from '#application/ports/clock';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { advanced, dueAt, type SandboxSubscription } from './sandbox-subscription.js';

/** The sandbox's subscriptions as rows: what is read of one is as it stands now, whether its time was run or not. */
@injectable()
export class SandboxSubscriptions {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly clock: Clock,
  ) {}

  /** Throws SubscriptionNotFound. */
  async get(id: string): Promise<SandboxSubscription> {
    const one = await this.find(id);
    if (!one) throw new SubscriptionNotFound(id);
    return one;
  }

  async find(id: string): Promise<SandboxSubscription | null> {
    const rows = await this.database.reader.query<SubscriptionRow[]>(
      'select state from sandbox_subscriptions where id = $1',
      [id],
    );
    return rows[0] ? advanced(rows[0].state, this.clock.now()) : null;
  }

  async listOf(customerId: string): Promise<readonly SandboxSubscription[]> {
    const rows = await this.database.reader.query<SubscriptionRow[]>(
      'select state from sandbox_subscriptions where customer_id = $1 order by id',
      [customerId],
    );
    return rows.map(({ state }) => advanced(state, this.clock.now()));
  }

  /** Carries a deed out under the row's lock. Throws SubscriptionNotFound, and what the deed throws. */
  change(id: string, deed: (one: SandboxSubscription, now: Date) => SandboxSubscription): Promise<SandboxSubscription> {
    return this.database.run(async () => {
      const now = this.clock.now();
      const [row] = await this.database.writer.query<SubscriptionRow[]>(
        'select state from sandbox_subscriptions where id = $1 for update',
        [id],
      );
      if (!row) throw new SubscriptionNotFound(id);
      const after = deed(advanced(row.state, now), now);
      if (after !== row.state) await this.keep(after);
      return after;
    });
  }

  /** Needs a running transaction. */
  async keep(one: SandboxSubscription): Promise<void> {
    await this.database.writer.query(
      `insert into sandbox_subscriptions (id, customer_id, state, due_at, updated_at) values ($1, $2, $3, $4, $5)
       on conflict (id) do update set state = excluded.state, due_at = excluded.due_at, updated_at = excluded.updated_at`,
      [one.id, one.customerId, JSON.stringify(one), dueAt(one), this.clock.now()],
    );
  }

  /** What subscriptions that have ended left of credit: whoever asks takes it along. Needs a running transaction. */
  async takeBalanceOf(customerId: string): Promise<number> {
    const rows = await this.database.writer.query<{ balance: string }[]>(
      `with left_over as (
         select id, (state ->> 'balance')::bigint as balance from sandbox_subscriptions
          where customer_id = $1 and state ->> 'endedAt' is not null and (state ->> 'balance')::bigint > 0 for update),
       taken as (
         update sandbox_subscriptions s set state = s.state || '{"balance": 0}' from left_over where s.id = left_over.id)
       select balance from left_over`,
      [customerId],
    );
    return rows.reduce((sum, { balance }) => sum + Number(balance), 0);
  }

  async *customersTouchedSince(since: Date): AsyncIterable<string> {
    const rows = await this.database.reader.query<{ customer_id: string }[]>(
      'select distinct customer_id from sandbox_subscriptions where updated_at >= $1',
      [since],
    );
    for (const { customer_id } of rows) yield customer_id;
  }

  /** When time has something to do next; null when nothing waits for it. */
  async nextDue(): Promise<Date | null> {
    const [row] = await this.database.reader.query<{ at: Date | null }[]>(
      'select min(due_at) as at from sandbox_subscriptions where due_at is not null',
    );
    return row!.at;
  }

  /** Lets time pass for those that are due, in the order in which they are; those that others hold are left to them. */
  run(limit: number): Promise<readonly SandboxSubscription[]> {
    const now = this.clock.now();
    return this.database.run(async () => {
      const rows = await this.database.writer.query<SubscriptionRow[]>(
        `select state from sandbox_subscriptions where due_at <= $1 order by due_at, id limit $2 for update skip locked`,
        [now, limit],
      );
      const after = rows.map(({ state }) => advanced(state, now));
      for (const one of after) await this.keep(one);
      return after;
    });
  }
}

interface SubscriptionRow {
  readonly state: SandboxSubscription;
}
