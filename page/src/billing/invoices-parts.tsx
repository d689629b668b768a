import type { InvoiceResponse } from '#interfaces/http/billing/invoice.response';
import { Badge } from '../shared/components/badge';
import { Button, OutLink } from '../shared/components/button';
import { useLocale } from '../shared/locale';
import { canBePaid, INVOICE_TONES, invoiceStanding } from './invoices-standing';
import { PLAN_CARD } from './plan-card.words';
import { INVOICES } from './invoices.words';

interface PartProps {
  readonly invoice: InvoiceResponse;
}

export function InvoiceAmount({ invoice }: PartProps) {
  const locale = useLocale();
  const words = locale.words(INVOICES);
  const { total, amount_remaining: remaining, currency } = invoice;
  return (
    <>
      {locale.money(total, currency)}
      {canBePaid(invoice) && remaining !== total && (
        <div class="quiet">{words.remaining(locale.money(remaining, currency))}</div>
      )}
    </>
  );
}

export function InvoiceStatus({ invoice }: PartProps) {
  const locale = useLocale();
  const words = locale.words(INVOICES);
  const standing = invoiceStanding(invoice);
  return (
    <>
      <Badge tone={INVOICE_TONES[standing]}>{words.standing[standing]}</Badge>
      {invoice.status === 'open' && invoice.next_attempt_at !== null && (
        <div class="quiet">
          {locale.words(PLAN_CARD).retry}: {locale.date(invoice.next_attempt_at)}
        </div>
      )}
    </>
  );
}

interface LinksProps extends PartProps {
  readonly busy: boolean;
  readonly pay: (invoice: InvoiceResponse) => void;
}

export function InvoiceLinks({ invoice, pay, busy }: LinksProps) {
  const words = useLocale().words(INVOICES);
  const { number, hosted_invoice_url: hosted, invoice_pdf: pdf } = invoice;
  const name = number ?? words.standing.draft;
  return (
    <span class="links">
      {canBePaid(invoice) && (
        <Button label={`${words.pay} ${name}`} busy={busy} onClick={() => pay(invoice)}>
          {words.pay}
        </Button>
      )}
      {hosted !== null && (
        <OutLink href={hosted} label={`${words.view} ${name}`}>
          {words.view}
        </OutLink>
      )}
      {pdf !== null && (
        <OutLink href={pdf} label={`${words.pdf} ${name}`}>
          {words.pdf}
        </OutLink>
      )}
    </span>
  );
}
