import { ContainerModule } from 'inversify';
import { ListPrices } from '#application/gateway/list-prices';
import { PriceBook } from '#application/gateway/price-book';
import { PriceImport } from '#application/gateway/price-import';
import { PriceTable } from '#application/gateway/price-table';
import { LiteLlmPriceTable } from '#infrastructure/gateway/litellm-price-table';
import { SqlPriceBook } from '#infrastructure/gateway/sql-price-book';

/** What only the command line does: prices are looked through and added there. */
export const priceBook = new ContainerModule(({ bind }) => {
  bind(PriceBook).to(SqlPriceBook);
  bind(PriceTable).to(LiteLlmPriceTable);
  bind(ListPrices).toSelf();
  bind(PriceImport).toSelf();
});
