import { injectable } from 'inversify';
import type { ClockEvent, ClockTimeline, TimelineMark } from '#application/billing/clock-timeline';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlClockTimeline implements ClockTimeline {
  constructor(private readonly database: TypeOrmTransaction) {}

  async mark(now: Date): Promise<TimelineMark> {
    const [row] = await this.database.reader.query<{ last: string }[]>(
      'select coalesce(max(id), 0)::text as last from subscription_steps',
    );
    return { lastStep: row!.last, notificationsFrom: now };
  }

  async since({ lastStep, notificationsFrom }: TimelineMark, limit: number): Promise<readonly ClockEvent[]> {
    return this.database.reader.query<ClockEvent[]>(
      `(select s.at, 'step' as what, s.kind, s.user_id as "userId", u.email, '' as title, s.facts, lpad(s.id::text, 20, '0') as tie
          from subscription_steps s join users u on u.id = s.user_id
         where s.id > $1 order by s.id limit $3)
       union all
       (select n.created_at, 'notification', n.kind, n.user_id, u.email, n.title, n.facts, n.id::text
          from notifications n join users u on u.id = n.user_id
         where n.created_at >= $2 order by n.created_at, n.id limit $3)
       order by at, what desc, tie`,
      [lastStep, notificationsFrom, limit],
    );
  }
}
