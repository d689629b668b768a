import { randomBytes } from 'node:crypto';
import { injectable } from 'inversify';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import {
  type Buyer,
  CheckoutNotFound,
  type GatewayCheckout,
  type GatewayCorrection,
  type PaymentGateway,
  type PaymentReference,
  type PaymentWebhook,
  WebhookRefused,
} from '#application/payments/payment-gateway';
import type { SandboxCheckout, SandboxDeed, SandboxDesk } from '#application/payments/sandbox-desk';
import { Clock } from '#application/ports/clock';
import type { UserId } from '#domain/accounts/user';
import type { Payment, PaymentId } from '#domain/payments/payment';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DomainException } from '#domain/shared/domain-exception';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/**
 * A payment provider that takes no money and says so: its checkouts lie in a table of the same database and are paid on a
 * page of the same service. What becomes of them arrives like a real provider's notices do.
 */
@injectable()
export class SandboxPaymentGateway implements PaymentGateway, SandboxDesk {
  readonly name = 'sandbox';

  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly settings: CheckoutSettings,
    private readonly clock: Clock,
  ) {}

  async createCustomer({ userId }: Buyer): Promise<string> {
    return `cus_sandbox_${userId}`;
  }

  /** Nobody deletes one here. */
  async hasCustomer(): Promise<boolean> {
    return true;
  }

  async openCheckout(payment: Payment): Promise<GatewayCheckout> {
    const [checkout, intent] = ['cs', 'pi'].map((kind) => `${kind}_sandbox_${randomBytes(18).toString('base64url')}`);
    const rows = await this.database.run(async () => {
      await this.database.writer.query(
        `insert into sandbox_checkouts (id, payment_id, user_id, status, payment_status, amount_minor, currency, payment_intent_id,
                                        success_url, cancel_url, created_at, updated_at, expires_at)
         values ($1, $2, $3, 'open', 'unpaid', $4, $5, $6, $7, $8, $9, $9, $10)
         on conflict (payment_id) do nothing`,
        [
          checkout,
          payment.id,
          payment.userId,
          payment.amountMinor,
          payment.currency,
          intent,
          payment.successUrl,
          payment.cancelUrl,
          this.clock.now(),
          payment.expiresAt,
        ],
      );
      return this.database.reader.query<Row[]>(`${SELECT} where payment_id = $1`, [payment.id]);
    });
    return this.checkoutOf(rows[0]!);
  }

  async getCheckout(checkoutId: string): Promise<GatewayCheckout> {
    return this.checkoutOf(await this.row(checkoutId));
  }

  async findCheckout({ checkoutId, paymentIntentId }: PaymentReference): Promise<GatewayCheckout | null> {
    const rows = await this.database.reader.query<Row[]>(`${SELECT} where id = $1 or payment_intent_id = $2`, [
      checkoutId,
      paymentIntentId,
    ]);
    return rows[0] ? this.checkoutOf(rows[0]) : null;
  }

  referenceIn({ payload }: PaymentNotice): PaymentReference | null {
    const { checkout_id: checkoutId } = payload as { readonly checkout_id?: unknown };
    return typeof checkoutId === 'string' ? { checkoutId, paymentIntentId: null, chargeId: null } : null;
  }

  async *checkoutsTouchedSince(since: Date): AsyncIterable<PaymentReference> {
    const rows = await this.database.reader.query<Row[]>(`${SELECT} where updated_at >= $1 order by updated_at`, [
      since,
    ]);
    for (const { id } of rows) yield { checkoutId: id, paymentIntentId: null, chargeId: null };
  }

  async show(checkoutId: string): Promise<SandboxCheckout> {
    return this.shown(await this.row(checkoutId));
  }

  async act(checkoutId: string, deed: SandboxDeed): Promise<PaymentNotice> {
    const now = this.clock.now();
    await this.database.run(async () => {
      const row = await this.row(checkoutId, 'for update');
      const { state, deeds } = this.shown(row);
      if (!deeds.includes(deed)) throw new SandboxDeedRefused(checkoutId, deed, state === 'expired');
      const { status, payment_status, corrections } = changed(row, deed, now);
      await this.database.writer.query(
        `update sandbox_checkouts set status = $2, payment_status = $3, corrections = $4, updated_at = $5 where id = $1`,
        [checkoutId, status, payment_status, JSON.stringify(corrections), now],
      );
    });
    return {
      id: `evt_sandbox_${randomBytes(18).toString('base64url')}`,
      gateway: this.name,
      type: `sandbox.${deed}`,
      apiVersion: null,
      live: false,
      createdAt: now,
      payload: { checkout_id: checkoutId },
    };
  }

  private async row(checkoutId: string, lock = ''): Promise<Row> {
    const rows = await this.database.reader.query<Row[]>(`${SELECT} where id = $1 ${lock}`, [checkoutId]);
    if (!rows[0]) throw new CheckoutNotFound(checkoutId);
    return rows[0];
  }

  private stateOf({ status, payment_status, expires_at }: Row): SandboxCheckout['state'] {
    if (payment_status === 'paid') return 'paid';
    if (payment_status === 'declined') return 'failed';
    return status === 'open' && expires_at > this.clock.now() ? 'open' : 'expired';
  }

  private shown(row: Row): SandboxCheckout {
    const state = this.stateOf(row);
    return {
      checkoutId: row.id,
      amountMinor: Number(row.amount_minor),
      currency: row.currency,
      state,
      deeds: state === 'open' ? ['pay', 'decline'] : state === 'paid' ? afterwards(row) : [],
      successUrl: row.success_url,
      cancelUrl: row.cancel_url,
    };
  }

  private checkoutOf(row: Row): GatewayCheckout {
    const state = this.stateOf(row);
    return {
      checkoutId: row.id,
      paymentId: row.payment_id,
      userId: row.user_id,
      url: `${this.settings.publicUrl}/sandbox/checkout/${row.id}`,
      expiresAt: row.expires_at,
      state,
      amountMinor: Number(row.amount_minor),
      currency: row.currency,
      paymentIntentId: state === 'paid' ? row.payment_intent_id : null,
      failure: state === 'failed' ? 'The card was declined.' : null,
      corrections: row.corrections.map(correctionOf),
    };
  }
}

/** Without signing secrets no message can be told from a forged one, so none is taken. */
export class ClosedWebhook implements PaymentWebhook {
  verify(): never {
    throw new WebhookRefused('no signing secret is configured');
  }
}

export class SandboxDeedRefused extends DomainException {
  constructor(checkoutId: string, deed: SandboxDeed, isOver: boolean) {
    super(
      'sandbox_deed_refused',
      isOver
        ? 'This checkout has expired, or was replaced by another. Begin a new one: POST /api/v1/payments/checkout.'
        : `Checkout ${checkoutId} cannot take "${deed}" as it is now. Load its page again to see what it can.`,
      { checkout_id: checkoutId, deed },
      'conflict',
    );
  }
}

const SELECT = `
  select id, payment_id, user_id, status, payment_status, amount_minor, currency, payment_intent_id, corrections,
         success_url, cancel_url, expires_at
    from sandbox_checkouts`;

interface Row {
  readonly id: string;
  readonly payment_id: PaymentId;
  readonly user_id: UserId;
  readonly status: 'open' | 'complete' | 'expired';
  readonly payment_status: 'unpaid' | 'paid' | 'declined';
  readonly amount_minor: string;
  readonly currency: string;
  readonly payment_intent_id: string;
  readonly corrections: readonly CorrectionRow[];
  readonly success_url: string;
  readonly cancel_url: string;
  readonly expires_at: Date;
}

interface CorrectionRow {
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  readonly amount_minor: number;
  readonly status: 'succeeded' | 'needs_response' | 'won' | 'lost';
  readonly created_at: string;
}

function correctionOf({ id, kind, amount_minor, status, created_at }: CorrectionRow): GatewayCorrection {
  const effective = status !== 'won';
  return { id, kind, amountMinor: amount_minor, status, effective, createdAt: new Date(created_at) };
}

function afterwards({ corrections }: Row): readonly SandboxDeed[] {
  if (corrections.length === 0) return ['refund', 'dispute'];
  return corrections.some(({ status }) => status === 'needs_response') ? ['win-dispute', 'lose-dispute'] : [];
}

function changed(row: Row, deed: SandboxDeed, now: Date): Pick<Row, 'status' | 'payment_status' | 'corrections'> {
  const added = (kind: CorrectionRow['kind'], status: CorrectionRow['status']): readonly CorrectionRow[] => [
    ...row.corrections,
    {
      id: `${kind === 'refund' ? 're' : 'dp'}_sandbox_${randomBytes(18).toString('base64url')}`,
      kind,
      amount_minor: Number(row.amount_minor),
      status,
      created_at: now.toISOString(),
    },
  ];
  const decided = (status: CorrectionRow['status']): readonly CorrectionRow[] =>
    row.corrections.map((one) => (one.status === 'needs_response' ? { ...one, status } : one));
  switch (deed) {
    case 'pay':
      return { ...row, status: 'complete', payment_status: 'paid' };
    case 'decline':
      return { ...row, status: 'complete', payment_status: 'declined' };
    case 'refund':
      return { ...row, corrections: added('refund', 'succeeded') };
    case 'dispute':
      return { ...row, corrections: added('dispute', 'needs_response') };
    case 'win-dispute':
      return { ...row, corrections: decided('won') };
    case 'lose-dispute':
      return { ...row, corrections: decided('lost') };
  }
}
