import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type Invoice, INVOICE_STATUSES, type InvoiceStatus } from '#domain/billing/invoice';
import { IsInstant } from '../shared/shapes.js';

export class InvoiceLineResponse {
  @IsString() description!: string;
  @JSONSchema({ description: 'Credit is negative.' }) @IsInt() amount!: number;
  @JSONSchema({ description: 'It is for a part of a period.' }) @IsBoolean() is_proration!: boolean;
  @IsInstant() period_start!: string;
  @IsInstant() period_end!: string;
}

export class InvoiceResponse {
  @IsUUID() id!: string;
  @JSONSchema({ description: 'What it is for, in one line, as the provider says; null when that is not known.' })
  @IsOptional()
  @IsString()
  description!: string | null;
  @JSONSchema({ description: 'Null while it is a draft.' })
  @IsOptional()
  @IsString()
  number!: string | null;
  @IsIn(INVOICE_STATUSES) status!: InvoiceStatus;
  @JSONSchema({ description: 'It is open, and was tried in vain or should have been paid by now.' })
  @IsBoolean()
  is_past_due!: boolean;
  @JSONSchema({ description: "In the currency's minor unit, like all amounts here." })
  @IsInt()
  amount_due!: number;
  @IsInt() amount_paid!: number;
  @IsInt() amount_remaining!: number;
  @IsInt() total!: number;
  @IsInt() tax!: number;
  @IsString() currency!: string;
  @JSONSchema({ description: 'The service that it is for: from here …' })
  @IsInstant()
  period_start!: string;
  @JSONSchema({ description: '… to here.' })
  @IsInstant()
  period_end!: string;
  @IsInstant() created_at!: string;
  @IsOptional() @IsInstant() due_at!: string | null;
  @IsOptional() @IsInstant() paid_at!: string | null;
  @JSONSchema({ description: 'When the payment is tried again.' })
  @IsOptional()
  @IsInstant()
  next_attempt_at!: string | null;
  @JSONSchema({ description: 'Where it is shown, and can be paid.' })
  @IsOptional()
  @IsString()
  hosted_invoice_url!: string | null;
  @IsOptional() @IsString() invoice_pdf!: string | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => InvoiceLineResponse) lines!: InvoiceLineResponse[];
}

export class InvoiceListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => InvoiceResponse) data!: InvoiceResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

/** @param now By which it is past due, or not yet. */
export function invoiceResponse(invoice: Invoice, now: Date): InvoiceResponse {
  const { snapshot } = invoice;
  return {
    id: invoice.id,
    description: invoice.description,
    number: snapshot.number,
    status: snapshot.status,
    is_past_due: invoice.isPastDueAt(now),
    amount_due: snapshot.amountDue,
    amount_paid: snapshot.amountPaid,
    amount_remaining: snapshot.amountRemaining,
    total: snapshot.total,
    tax: snapshot.tax,
    currency: snapshot.currency,
    period_start: snapshot.periodStart.toISOString(),
    period_end: snapshot.periodEnd.toISOString(),
    created_at: snapshot.createdAt.toISOString(),
    due_at: instantOf(snapshot.dueAt),
    paid_at: instantOf(snapshot.paidAt),
    next_attempt_at: instantOf(snapshot.nextAttemptAt),
    hosted_invoice_url: snapshot.hostedUrl,
    invoice_pdf: snapshot.pdfUrl,
    lines: snapshot.lines.map(({ description, amount, isProration, periodStart, periodEnd }) => ({
      description,
      amount,
      is_proration: isProration,
      period_start: periodStart.toISOString(),
      period_end: periodEnd.toISOString(),
    })),
  };
}

function instantOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
