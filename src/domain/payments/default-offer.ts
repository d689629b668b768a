import { moneyOfCredits } from '../credits/credit.js';
import type { CreditOffer } from './credit-package.js';

/** What is sold unless MINUTEBOOK_PACKAGES names a file with something else. */
export const DEFAULT_OFFER: CreditOffer = {
  packages: [
    { id: 'starter', displayName: 'Starter', credit: moneyOfCredits(1000), prices: { usd: 1000 }, popular: false },
    {
      id: 'professional',
      displayName: 'Professional',
      credit: moneyOfCredits(5000),
      prices: { usd: 4500 },
      popular: true,
    },
    {
      id: 'practice',
      displayName: 'Practice',
      credit: moneyOfCredits(20_000),
      prices: { usd: 17_000 },
      popular: false,
    },
  ],
  leastCents: 500,
  mostCents: 1_000_000,
};
