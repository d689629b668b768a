import { UseCase } from '../use-case.js';
import { PriceBook, type PriceFilter, type PriceInForce } from './price-book.js';

/** Looks prices up in the book, as they are, were or will be in force. */
@UseCase()
export class ListPrices {
  constructor(private readonly book: PriceBook) {}

  execute(filter: PriceFilter, at: Date): Promise<readonly PriceInForce[]> {
    return this.book.inForce(filter, at);
  }
}
