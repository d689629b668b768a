import type { CreditFinding, CreditFindingKind } from '#application/credits/credit-reconciliation';
import type { UserId } from '#domain/accounts/user';
import type { CreditTransactionId } from '#domain/credits/credit-transaction';
import type { ManualClock } from '#test/support/fakes/manual-clock';
import { newId } from '../../contracts/given.js';
import { charge, type CreditWorld, incoming, micros } from './credit-world.js';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Story {
  readonly user: UserId;
  /** The grants that came in as entries 1 and 2. */
  readonly paid: CreditTransactionId;
  readonly promotional: CreditTransactionId;
  /** Entries 3 and 4: 100 at once, and 60 by a settled hold, both out of the promotional grant. */
  readonly debit: string;
  readonly settlement: string;
}

/** Books that the product wrote, to be tampered with. */
export class Stories {
  constructor(
    private readonly credits: CreditWorld,
    private readonly clock: ManualClock,
  ) {}

  /** 1 000 bought, 500 given for a month, 160 spent; 50 are held. */
  async tell(): Promise<Story> {
    const user = await this.credits.user();
    const { ledger } = this.credits;
    const { id: paid } = await ledger.grant(user, incoming(1_000));
    const expiresAt = new Date(this.clock.now().getTime() + 31 * DAY);
    const bonus = { type: 'bonus', category: 'promotional', expiresAt } as const;
    const { id: promotional } = await ledger.grant(user, incoming(500, bonus));
    const { id: debit } = await ledger.spend(user, charge(100, 'debit'));
    await this.hold(user, 'settled', 80);
    await this.settle(user, 'settled', 60);
    await this.hold(user, 'open', 50);
    const last = await ledger.find(user, 'hold:settled');
    return { user, paid, promotional, debit, settlement: last!.id };
  }

  async hold(user: UserId, requestId: string, amount: number, hours = 1): Promise<void> {
    const request = {
      requestId,
      amount: micros(amount),
      description: 'Chat completion',
      lifetimeMs: hours * HOUR,
      metadata: {},
      durable: true,
    };
    await this.credits.ledger.hold(user, request);
  }

  async settle(user: UserId, requestId: string, amount: number): Promise<void> {
    const details = { description: 'Chat completion', metadata: {}, actor: 'system' };
    await this.credits.ledger.settle(user, { requestId, type: 'api_usage', amount: micros(amount), ...details });
  }

  /** The row of a purchase alone, whatever its fulfilment would do. */
  async payment(user: UserId, status: 'completed' | 'pending', amount: number): Promise<string> {
    const id = newId();
    await this.credits.rows(
      `insert into payments (id, user_id, gateway, request_key, status, amount_minor, currency, credit_micros, success_url,
                             cancel_url, created_at, expires_at, completed_at, updated_at)
       values ($1::uuid, $2, 'sandbox', $1::uuid::text, $3, 100, 'usd', $4, 'https://app.example.com/a', 'https://app.example.com/b',
               now(), now(), now(), now())`,
      [id, user, status, amount],
    );
    return id;
  }
}

/** Statements of somebody who writes past the product. */
export const changedGrant = (id: string, what: string) =>
  [`update credit_grants set ${what} where id = $1`, [id]] as const;
export const changedEntry = (id: string, what: string) =>
  [`update credit_transactions set ${what} where id = $1`, [id]] as const;
export const changedAccount = (user: UserId, what: string) =>
  [`update credit_accounts set ${what} where user_id = $1`, [user]] as const;

export const kindsOf = (findings: readonly CreditFinding[]): readonly CreditFindingKind[] =>
  findings.map(({ kind }) => kind);
