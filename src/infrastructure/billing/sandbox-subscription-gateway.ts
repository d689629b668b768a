import { createHash, randomBytes } from 'node:crypto';
import { injectable } from 'inversify';
import {
  CheckoutOver,
  InvoiceNotFound,
  type SandboxPortalSession,
  type SandboxSubscriptionDesk,
  type SubscriptionDeed,
  SubscriptionNotFound,
} from '#application/billing/sandbox-subscription-desk';
import {
  type Changeable,
  type ChangePreview,
  type Endable,
  PaymentFailed,
  type PortalFlow,
  type SubscriptionCheckoutState,
  type SubscriptionGateway,
  SubscriptionMoved,
  type SubscriptionOrder,
} from '#application/billing/subscription-gateway';
import { CheckoutNotFound } from '#application/payments/payment-gateway';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { Clock } from '#application/ports/clock';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { indexAt, invoicesOf, subscriptionAt } from './sandbox-invoices.js';
import { SandboxPortalSessions } from './sandbox-portal-sessions.js';
import { SandboxPrices } from './sandbox-prices.js';
import {
  advanced,
  bought,
  canceled,
  changed,
  changedNow,
  changeLines,
  dueAt,
  paidByHand,
  type SandboxPrice,
  type SandboxSubscription,
  snapshotOf,
  withCard,
} from './sandbox-subscription.js';

/** Subscriptions that cost nothing and say so: they renew, fail and end by the clock, in tables of the same database. */
@injectable()
export class SandboxSubscriptionGateway implements SubscriptionGateway, SandboxSubscriptionDesk {
  readonly name = 'sandbox';

  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly prices: SandboxPrices,
    private readonly portals: SandboxPortalSessions,
    private readonly settings: CheckoutSettings,
    private readonly clock: Clock,
  ) {}

  async openCheckout(order: SubscriptionOrder): Promise<SubscriptionCheckoutState> {
    const { id, customerId, priceId, trialDays, successUrl, cancelUrl, expiresAt } = order;
    const session = `cs_sandbox_${randomBytes(18).toString('base64url')}`;
    const rows = await this.database.run(async () => {
      await this.database.writer.query(
        `insert into sandbox_subscription_checkouts (id, order_id, customer_id, price_id, trial_days, success_url, cancel_url, state,
                                                     created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9) on conflict (order_id) do nothing`,
        [session, id, customerId, priceId, trialDays, successUrl, cancelUrl, this.clock.now(), expiresAt],
      );
      return this.database.reader.query<CheckoutRow[]>(`${CHECKOUT} where order_id = $1`, [id]);
    });
    return this.stateOf(rows[0]!);
  }

  async getCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    return this.stateOf(await this.checkout(sessionId));
  }

  async expireCheckout(sessionId: string): Promise<SubscriptionCheckoutState> {
    await this.database.run(() =>
      this.database.writer.query(
        `update sandbox_subscription_checkouts set state = 'expired' where id = $1 and state = 'open'`,
        [sessionId],
      ),
    );
    return this.getCheckout(sessionId);
  }

  async openPortal(
    customerId: string,
    flow: PortalFlow | null,
    _externalId: string | null,
    returnUrl: string,
  ): Promise<string> {
    const id = await this.portals.open(customerId, flow, returnUrl);
    return new URL(`/sandbox/portal/${id}`, this.settings.publicUrl).href;
  }

  getPortal(portalId: string): Promise<SandboxPortalSession> {
    return this.portals.get(portalId);
  }

  async listSubscriptions(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    return (await this.of(customerId)).map(snapshotOf);
  }

  async listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    const all = (await this.of(customerId)).flatMap((one) => invoicesOf(one, this.settings.publicUrl));
    return all.filter(({ createdAt, status }) => since === null || createdAt >= since || status === 'open');
  }

  async previewChange({ externalId }: Changeable, priceId: string, at: Date): Promise<ChangePreview> {
    const [one, price] = [await this.get(externalId), this.price(priceId)];
    const lines = changeLines(one, price, at);
    const rest = lines.reduce((all, { amount }) => all + amount, 0) - one.balance;
    return { currency: price.currency, lines, dueNow: Math.max(0, rest), creditLeft: Math.max(0, -rest), at };
  }

  async changeNow(decided: Changeable, priceId: string, at: Date): Promise<void> {
    const price = this.price(priceId);
    await this.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      if (one.price.id === price.id) return one;
      const next = changedNow(one, price, at);
      if (next === null) throw new PaymentFailed('card_declined');
      return next;
    });
  }

  async changeAtPeriodEnd(decided: Changeable, priceId: string): Promise<void> {
    const price = this.price(priceId);
    await this.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return one.scheduled?.id === price.id ? one : changed(one, { scheduled: price });
    });
  }

  async dropScheduledChange(decided: Changeable): Promise<void> {
    await this.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return one.scheduled ? changed(one, { scheduled: null }) : one;
    });
  }

  async cancel(decided: Endable, when: 'period_end' | 'now'): Promise<void> {
    await this.change(decided.externalId, (one, now) => {
      mustEndAs(decided, one);
      if (when === 'now') return canceled(one, now);
      return one.cancelAtPeriodEnd ? one : changed(one, { cancelAtPeriodEnd: true, scheduled: null });
    });
  }

  async reactivate(decided: Changeable): Promise<void> {
    await this.change(decided.externalId, (one) => {
      this.mustBeAs(decided, one);
      return one.cancelAtPeriodEnd ? changed(one, { cancelAtPeriodEnd: false }) : one;
    });
  }

  customerIn({ payload }: PaymentNotice): string | null {
    const { customer_id: customerId } = payload as { readonly customer_id?: unknown };
    return typeof customerId === 'string' ? customerId : null;
  }

  async *customersTouchedSince(since: Date): AsyncIterable<string> {
    const rows = await this.database.reader.query<{ customer_id: string }[]>(
      'select distinct customer_id from sandbox_subscriptions where updated_at >= $1',
      [since],
    );
    for (const { customer_id } of rows) yield customer_id;
  }

  async showCheckout(sessionId: string) {
    const row = await this.checkout(sessionId);
    const price = this.price(row.price_id);
    return {
      sessionId,
      customerId: row.customer_id,
      state: this.stateOf(row).state,
      name: price.name,
      amountMinor: price.amountMinor,
      currency: price.currency,
      trialDays: row.trial_days,
      successUrl: row.success_url,
      cancelUrl: row.cancel_url,
    };
  }

  async payCheckout(sessionId: string): Promise<PaymentNotice> {
    const one = await this.database.run(async () => {
      const [row] = await this.database.writer.query<CheckoutRow[]>(`${CHECKOUT} where id = $1 for update`, [
        sessionId,
      ]);
      if (!row) throw new CheckoutNotFound(sessionId);
      if (row.subscription_id !== null) return this.get(row.subscription_id);
      if (this.stateOf(row).state !== 'open') throw new CheckoutOver(sessionId);
      // The same subscription for the same checkout, so that a test's world is the same each time.
      const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
      const id = `sub_sandbox_${hashOf(row.order_id).slice(0, 24)}`;
      const secret = hashOf(`invoices:${row.order_id}`);
      const [price, now] = [this.price(row.price_id), wholeSecond(this.clock.now())];
      const balance = await this.balanceLeftTo(row.customer_id);
      const made = bought(id, row.customer_id, price, row.trial_days, now, secret, balance);
      await this.keep(made);
      await this.database.writer.query(
        `update sandbox_subscription_checkouts set state = 'complete', subscription_id = $2 where id = $1`,
        [sessionId, id],
      );
      return made;
    });
    return this.noticeOf(one);
  }

  async act(externalId: string, deed: SubscriptionDeed): Promise<PaymentNotice> {
    const one = await this.change(externalId, (before, now) => {
      if (before.endedAt !== null) return before;
      const at = wholeSecond(now);
      switch (deed) {
        case 'use-good-card':
          return withCard(before, true, at);
        case 'use-declining-card':
          return withCard(before, false, at);
        case 'cancel':
          return before.cancelAtPeriodEnd ? before : changed(before, { cancelAtPeriodEnd: true, scheduled: null });
        case 'resume':
          return before.cancelAtPeriodEnd ? changed(before, { cancelAtPeriodEnd: false }) : before;
      }
    });
    return this.noticeOf(one);
  }

  async listOf(customerId: string) {
    return (await this.of(customerId)).map((one) => ({
      ...snapshotOf(one),
      name: one.price.name,
      cardPays: one.cardPays,
    }));
  }

  async showInvoice(address: string): Promise<InvoiceSnapshot> {
    const one = await this.invoicedAt(address);
    return invoicesOf(one, this.settings.publicUrl)[indexAt(address, one)]!;
  }

  async payInvoice(address: string): Promise<PaymentNotice> {
    const { id } = await this.invoicedAt(address);
    const paid = await this.change(id, (one, now) => paidByHand(one, indexAt(address, one), wholeSecond(now)));
    return this.noticeOf(paid);
  }

  async nextDue(): Promise<Date | null> {
    const [row] = await this.database.reader.query<{ at: Date | null }[]>(
      'select min(due_at) as at from sandbox_subscriptions where due_at is not null',
    );
    return row!.at;
  }

  async run(limit: number): Promise<readonly PaymentNotice[]> {
    const now = this.clock.now();
    const moved = await this.database.run(async () => {
      const rows = await this.database.writer.query<SubscriptionRow[]>(
        `select state from sandbox_subscriptions where due_at <= $1 order by due_at, id limit $2 for update skip locked`,
        [now, limit],
      );
      const after = rows.map(({ state }) => advanced(state, now));
      for (const one of after) await this.keep(one);
      return after;
    });
    return moved.map((one) => this.noticeOf(one));
  }

  /** Throws SubscriptionMoved: under the row's lock, so that what was decided by holds when it is done. */
  private mustBeAs(decided: Changeable, one: SandboxSubscription): void {
    mustEndAs(decided, one);
    const next = one.scheduled && this.prices.find(one.scheduled.id);
    const isSame = next?.plan === decided.pending?.plan && next?.cycle === decided.pending?.cycle;
    if (one.price.id !== decided.priceId || !isSame) throw new SubscriptionMoved(one.id);
  }

  private async change(
    externalId: string,
    deed: (one: SandboxSubscription, now: Date) => SandboxSubscription,
  ): Promise<SandboxSubscription> {
    return this.database.run(async () => {
      const now = this.clock.now();
      const [row] = await this.database.writer.query<SubscriptionRow[]>(
        'select state from sandbox_subscriptions where id = $1 for update',
        [externalId],
      );
      if (!row) throw new SubscriptionNotFound(externalId);
      const before = advanced(row.state, now);
      const after = deed(before, now);
      if (after !== row.state) await this.keep(after);
      return after;
    });
  }

  /** What subscriptions that have ended left of credit: whoever asks takes it along. */
  private async balanceLeftTo(customerId: string): Promise<number> {
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

  private async keep(one: SandboxSubscription): Promise<void> {
    await this.database.writer.query(
      `insert into sandbox_subscriptions (id, customer_id, state, due_at, updated_at) values ($1, $2, $3, $4, $5)
       on conflict (id) do update set state = excluded.state, due_at = excluded.due_at, updated_at = excluded.updated_at`,
      [one.id, one.customerId, JSON.stringify(one), dueAt(one), this.clock.now()],
    );
  }

  private async of(customerId: string): Promise<readonly SandboxSubscription[]> {
    const rows = await this.database.reader.query<SubscriptionRow[]>(
      'select state from sandbox_subscriptions where customer_id = $1 order by id',
      [customerId],
    );
    return rows.map(({ state }) => advanced(state, this.clock.now()));
  }

  private async get(externalId: string): Promise<SandboxSubscription> {
    const [row] = await this.database.reader.query<SubscriptionRow[]>(
      'select state from sandbox_subscriptions where id = $1',
      [externalId],
    );
    if (!row) throw new SubscriptionNotFound(externalId);
    return advanced(row.state, this.clock.now());
  }

  private async invoicedAt(address: string): Promise<SandboxSubscription> {
    const [row] = await this.database.reader.query<SubscriptionRow[]>(
      'select state from sandbox_subscriptions where id = $1',
      [subscriptionAt(address)],
    );
    const one = row && advanced(row.state, this.clock.now());
    if (!one || indexAt(address, one) < 0) throw new InvoiceNotFound(address);
    return one;
  }

  private async checkout(sessionId: string): Promise<CheckoutRow> {
    const [row] = await this.database.reader.query<CheckoutRow[]>(`${CHECKOUT} where id = $1`, [sessionId]);
    if (!row) throw new CheckoutNotFound(sessionId);
    return row;
  }

  private price(priceId: string): SandboxPrice {
    const price = this.prices.findPrice(priceId);
    if (!price) throw new Error(`The sandbox sells nothing under ${priceId}.`);
    return price;
  }

  private stateOf({ id, state, expires_at }: CheckoutRow): SubscriptionCheckoutState {
    const now = state === 'open' && expires_at <= this.clock.now() ? 'expired' : state;
    const url = new URL(`/sandbox/subscribe/${id}`, this.settings.publicUrl).href;
    return { sessionId: id, state: now, url: now === 'open' ? url : null };
  }

  /** As a provider would tell it: with an id of its own for every change. */
  private noticeOf({ id, customerId, version, status }: SandboxSubscription): PaymentNotice {
    return {
      id: `evt_${id}_${version}`,
      gateway: this.name,
      type: 'sandbox.subscription.changed',
      apiVersion: null,
      live: false,
      createdAt: this.clock.now(),
      payload: { customer_id: customerId, subscription_id: id, status },
    };
  }
}

/** Throws SubscriptionMoved. */
function mustEndAs(decided: Endable, one: SandboxSubscription): void {
  const isEnded = one.endedAt !== null;
  if (isEnded !== (decided.endedAt !== null) || one.cancelAtPeriodEnd !== decided.cancelAtPeriodEnd) {
    throw new SubscriptionMoved(one.id);
  }
}

interface SubscriptionRow {
  readonly state: SandboxSubscription;
}

interface CheckoutRow {
  readonly id: string;
  readonly order_id: string;
  readonly customer_id: string;
  readonly price_id: string;
  readonly trial_days: number;
  readonly success_url: string;
  readonly cancel_url: string;
  readonly state: 'open' | 'complete' | 'expired';
  readonly subscription_id: string | null;
  readonly expires_at: Date;
}

const CHECKOUT = `
  select id, order_id, customer_id, price_id, trial_days, success_url, cancel_url, state, subscription_id, expires_at
    from sandbox_subscription_checkouts`;

/** Providers count whole seconds. */
function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
