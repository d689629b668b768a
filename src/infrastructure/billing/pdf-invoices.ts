import { injectable } from 'inversify';
import PDFDocument from 'pdfkit';
import type { InvoiceDocuments } from '#application/billing/invoice-documents';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import { utcDay } from '#domain/billing/utc-day';
import { installedPdfFonts } from '../sessions/pdf-fonts.js';

const INK = '#111827';
const FAINT = '#6b7280';
const LEFT = 56;
const WIDTH = 483;
const AMOUNT_WIDTH = 100;

/** One page of A4: what it is for, what that costs, and how it stands. It says that it is a sandbox's. */
@injectable()
export class PdfInvoices implements InvoiceDocuments {
  async pdf(invoice: InvoiceSnapshot): Promise<Buffer> {
    const { number, status, createdAt, periodStart, periodEnd, lines, currency } = invoice;
    const title = `Invoice ${number ?? invoice.externalId}`;
    const info = { Title: title, Creator: 'Minutebook', CreationDate: createdAt };
    const document = new PDFDocument({ size: 'A4', margin: LEFT, lang: 'en', info });
    const file = collect(document);
    const fonts = installedPdfFonts();
    const registered = new Set<string>();
    const write = (text: string, size: number, color: string, options: PDFKit.Mixins.TextOptions = {}): void => {
      document.fontSize(size).fillColor(color);
      const { runs } = fonts.runs(text);
      for (const [index, { font, text: part }] of runs.entries()) {
        if (font.file && !registered.has(font.name)) document.registerFont(font.name, font.file);
        registered.add(font.name);
        document.font(font.name).text(part, { ...options, continued: index < runs.length - 1 });
      }
    };
    const row = (text: string, amount: number, color: string): void => {
      const top = document.y;
      document.x = LEFT + WIDTH - AMOUNT_WIDTH;
      write(moneyOf(amount, currency), 10.5, color, { width: AMOUNT_WIDTH, align: 'right' });
      document.x = LEFT;
      document.y = top;
      write(text, 10.5, color, { width: WIDTH - AMOUNT_WIDTH });
      document.moveDown(0.4);
    };

    write(title, 18, INK);
    document.moveDown(0.3);
    write('Sandbox: no money moves, and this is no bill.', 9, FAINT);
    write(
      `Made on ${utcDay(createdAt)}. Service from ${utcDay(periodStart)} to ${utcDay(periodEnd)}. Status: ${status}.`,
      9,
      FAINT,
    );
    document.moveDown(1);
    for (const { description, amount } of lines) row(description, amount, INK);
    document.moveDown(0.4);
    row('Total', invoice.total, INK);
    row('Paid', invoice.amountPaid, FAINT);
    row('Due', status === 'open' ? invoice.amountRemaining : 0, INK);
    document.end();
    return file;
  }
}

function moneyOf(amountMinor: number, currency: string): string {
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  return money.format(amountMinor / 10 ** money.resolvedOptions().maximumFractionDigits!);
}

function collect(document: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
}
