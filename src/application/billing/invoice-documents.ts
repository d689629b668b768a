import type { InvoiceSnapshot } from '#domain/billing/invoice';

/** Invoices as files. */
export abstract class InvoiceDocuments {
  abstract pdf(invoice: InvoiceSnapshot): Promise<Buffer>;
}
