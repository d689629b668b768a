import type { UserId } from '#domain/accounts/user';
import type { Invoice } from '#domain/billing/invoice';
import { InvoiceRepository } from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

@UseCase()
export class ListInvoices {
  constructor(private readonly invoices: InvoiceRepository) {}

  /** Newest first. */
  execute(userId: UserId, page: Page): Promise<PageOf<Invoice>> {
    return this.invoices.listOf(userId, page);
  }
}
