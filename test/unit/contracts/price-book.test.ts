import { priceBookContract } from '#test/contracts/price-book.contract';
import { InMemoryPriceBook } from '#test/support/fakes/in-memory-price-book';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';

const transaction = new InMemoryTransaction();
const world = { transaction, prices: new InMemoryPriceBook(transaction) };

priceBookContract(() => world);
