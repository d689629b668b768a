import { injectable } from 'inversify';
import { GraceEnd } from '#application/billing/grace-end';
import { SubscriptionReminders } from '#application/billing/subscription-reminders';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';

/** Ends grace that is over, then reminds those who are in it, and those whose trial ends soon. Also after a payment failed. */
@injectable()
export class SubscriptionRemindersHandler implements JobHandler {
  readonly task = 'remind_subscribers';
  readonly schedule = { cron: '*/10 * * * *', catchUp: true };

  constructor(
    private readonly graceEnd: GraceEnd,
    private readonly reminders: SubscriptionReminders,
    private readonly log: Log,
  ) {}

  async handle(): Promise<void> {
    const ended = await this.graceEnd.execute();
    const reminded = await this.reminders.execute();
    const fields = { grace_ended: ended.done, reminded: reminded.done };
    if (ended.done + reminded.done > 0) this.log.info(fields, 'subscribers were reminded, or lost their plan');
    const failed = ended.failed + reminded.failed;
    if (failed > 0) throw new Error(`${failed} subscriptions could not be reminded of, or ended.`);
  }
}
