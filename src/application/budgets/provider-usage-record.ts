import { UserRepository } from '#domain/accounts/user-repository';
import { MOST_USD } from '#domain/budgets/budget';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import {
  type ProviderUsageLog,
  ProviderUsageLogRepository,
  reportRequestId,
  spendOfReport,
} from '#domain/budgets/provider-usage-log';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** Provider money that was spent outside of this service. */
export type ReportedUsage = Omit<ProviderUsageLog, 'id' | 'actor'>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** A year, and a month to find out. */
const OLDEST_DAYS = 400;
const MOST = Money.ofMicros(BigInt(MOST_USD) * 1_000_000n);
const MOST_TOKENS = 1_000_000_000_000;
const LONGEST_NAME = 200;
const LONGEST_METADATA = 8192;
/** As PostgreSQL keeps it, and on one line. */
const NAME = /^[^\p{Cc}\p{Cs}]+$/u;

/** Writes down what was spent elsewhere, in both budgets, once for a user and a request. What was spent is never refused. */
@UseCase()
export class ProviderUsageRecord {
  constructor(
    private readonly users: UserRepository,
    private readonly log: ProviderUsageLogRepository,
    private readonly budgets: BudgetLedger,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Without an actual cost the estimate counts. `duplicate`: the request is written down already, and stays as it is.
   * Throws InvalidValue and UserNotFound.
   */
  async execute(usage: ReportedUsage, actor: string): Promise<'recorded' | 'duplicate'> {
    this.mustBeCredible(usage);
    const entry = {
      ...usage,
      id: this.ids.next<'ProviderUsageLog'>(),
      requestId: reportRequestId(usage.requestId),
      actor,
    };
    return this.transaction.run(async () => {
      if (entry.userId !== null) await this.users.get(entry.userId);
      if (!(await this.log.append(entry))) return 'duplicate';
      await this.budgets.settle(spendOfReport(entry));
      return 'recorded';
    });
  }

  private mustBeCredible({
    requestId,
    provider,
    model,
    operation,
    tokens,
    metadata,
    at,
    ...usage
  }: ReportedUsage): void {
    for (const [field, name] of Object.entries({ request_id: requestId, provider, model, operation })) {
      if (name.length > LONGEST_NAME || !NAME.test(name)) {
        const message = `${field} is a line of 1 to ${LONGEST_NAME} characters.`;
        throw new InvalidValue('invalid_usage_report', message, { field, length: name.length });
      }
    }
    // It is followed by a slash and the model's name wherever both are told.
    if (provider.includes('/')) {
      throw new InvalidValue('invalid_usage_report', 'provider has no slash in it.', { field: 'provider' });
    }
    for (const [field, amount] of [
      ['estimated_micros', usage.estimated],
      ['actual_micros', usage.actual],
    ] as const) {
      if (amount && (amount.isLessThan(Money.zero) || MOST.isLessThan(amount))) {
        const message = `${field} is 0 to ${MOST_USD} USD: report more in parts.`;
        throw new InvalidValue('invalid_usage_report', message, { field, value: amount.micros.toString() });
      }
    }
    if (!Number.isInteger(tokens) || tokens < 0 || tokens > MOST_TOKENS) {
      const message = `tokens is a whole number from 0 to ${MOST_TOKENS}.`;
      throw new InvalidValue('invalid_usage_report', message, { field: 'tokens', value: tokens });
    }
    const written = JSON.stringify(metadata);
    if (written.length > LONGEST_METADATA || written.includes('\\u0000')) {
      const message = `metadata is at most ${LONGEST_METADATA} characters of JSON, without a zero character.`;
      throw new InvalidValue('invalid_usage_report', message, { field: 'metadata', length: written.length });
    }
    this.mustBeRecent(at);
  }

  private mustBeRecent(at: Date): void {
    const now = this.clock.now();
    const oldest = new Date(now.getTime() - OLDEST_DAYS * DAY_MS);
    if (oldest <= at && at <= now) return;
    const facts = { field: 'at', value: String(at), oldest: oldest.toISOString(), now: now.toISOString() };
    const message = `at is within the last ${OLDEST_DAYS} days: from ${facts.oldest} to ${facts.now}.`;
    throw new InvalidValue('invalid_usage_report', message, facts);
  }
}
