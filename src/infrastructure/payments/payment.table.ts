import { EntitySchema } from 'typeorm';
import { Payment, PaymentCorrection } from '#domain/payments/payment';
import { count, instant, integer, micros, text, uuid } from '../persistence/columns.js';

export const PaymentTable = new EntitySchema<Payment>({
  name: 'Payment',
  target: Payment,
  tableName: 'payments',
  columns: {
    id: uuid('id', { primary: true }),
    userId: uuid('user_id'),
    gateway: text('gateway'),
    requestKey: text('request_key'),
    status: text('status'),
    packageId: text('package_id', { nullable: true }),
    amountMinor: { name: 'amount_minor', type: 'bigint', transformer: count },
    currency: text('currency'),
    creditMicros: { name: 'credit_micros', type: 'bigint', transformer: micros },
    successUrl: text('success_url'),
    cancelUrl: text('cancel_url'),
    checkoutId: text('checkout_id', { nullable: true }),
    checkoutUrl: text('checkout_url', { nullable: true }),
    paymentIntentId: text('payment_intent_id', { nullable: true }),
    problem: text('problem', { nullable: true }),
    refundedMinor: { name: 'refunded_minor', type: 'bigint', transformer: count },
    disputedMinor: { name: 'disputed_minor', type: 'bigint', transformer: count },
    createdAt: instant('created_at'),
    expiresAt: instant('expires_at'),
    completedAt: instant('completed_at', { nullable: true }),
    updatedAt: instant('updated_at'),
    version: integer('version'),
  },
});

export const PaymentCorrectionTable = new EntitySchema<PaymentCorrection>({
  name: 'PaymentCorrection',
  target: PaymentCorrection,
  tableName: 'payment_corrections',
  columns: {
    id: text('id', { primary: true }),
    paymentId: uuid('payment_id'),
    kind: text('kind'),
    amountMinor: { name: 'amount_minor', type: 'bigint', transformer: count },
    status: text('status'),
    effective: { name: 'effective', type: 'boolean' },
    takenMicros: { name: 'taken_micros', type: 'bigint', transformer: micros },
    moves: integer('moves'),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
  },
});
