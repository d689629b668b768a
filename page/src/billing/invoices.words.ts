import type { InvoiceStanding } from './invoices-standing';
import { wordsOf } from '../words/page-words';

export interface InvoiceWords {
  readonly title: string;
  readonly empty: string;
  readonly number: string;
  readonly for: string;
  readonly period: string;
  readonly amount: string;
  readonly remaining: (amount: string) => string;
  readonly status: string;
  readonly links: string;
  readonly standing: Readonly<Record<InvoiceStanding, string>>;
  readonly view: string;
  readonly pdf: string;
  readonly pay: string;
}

export const INVOICES = wordsOf('invoices');
