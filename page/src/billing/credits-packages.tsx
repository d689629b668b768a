import { useState } from 'preact/hooks';
import type { CreditOfferResponse, CreditPackageResponse } from '#interfaces/http/payments/payment.response';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { ProblemNote } from '../shared/components/problem';
import { Loaded } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { useCreditCheckout } from './credits-payment';
import { currenciesOf, currencyOf } from './credits-reckoning';
import { CREDITS } from './credits.words';

/** What is on sale, each with the button that leads to paying it. */
export function CreditPackages() {
  const words = useLocale().words(CREDITS);
  const [offer, retry] = useResource<CreditOfferResponse>('/api/v1/payments/packages');
  return (
    <>
      <h3>{words.buy}</h3>
      <Loaded resource={offer} retry={retry}>
        {({ data }) => data.length > 0 && <Packages packages={data} />}
      </Loaded>
    </>
  );
}

function Packages({ packages }: { readonly packages: readonly CreditPackageResponse[] }) {
  const locale = useLocale();
  const words = locale.words(CREDITS);
  const currencies = currenciesOf(packages);
  const [currency, setCurrency] = useState(() => currencyOf(packages[0]!));
  const [chosen, setChosen] = useState<string | null>(null);
  const checkout = useCreditCheckout();
  return (
    <>
      {currencies.length > 1 && (
        <label class="field">
          {words.currency}
          <select value={currency} onChange={(event) => setCurrency(event.currentTarget.value)}>
            {currencies.map((one) => (
              <option key={one} value={one}>
                {one.toUpperCase()}
              </option>
            ))}
          </select>
        </label>
      )}
      <ul class="credit-packages">
        {packages
          .filter(({ prices }) => currency in prices)
          .map(({ id, credits, prices, popular }) => {
            const count = words.credits(locale.number(credits));
            const price = locale.money(prices[currency]!, currency);
            return (
              <li key={id}>
                <span>
                  <strong>{count}</strong> {popular && <Badge tone="info">{words.popular}</Badge>}
                </span>
                <Button
                  label={words.buyFor(count, price)}
                  busy={checkout.isRunning && chosen === id}
                  onClick={() => {
                    setChosen(id);
                    void checkout.run(id, currency);
                  }}
                >
                  {price}
                </Button>
              </li>
            );
          })}
      </ul>
      <ProblemNote problem={checkout.problem} />
    </>
  );
}
