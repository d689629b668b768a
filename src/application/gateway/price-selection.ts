import { DomainException } from '#domain/shared/domain-exception';
import type { LeftOutEntry, PriceCandidate, PriceTableContents } from './price-table.js';

/** Whose prices are wanted, of which models: all for none. A model is named by its provider's name, or `provider/model`. */
export interface PriceChoice {
  readonly providers: readonly string[];
  readonly models: readonly string[];
}

/** What of a table was chosen. */
export interface ChosenPrices {
  readonly candidates: readonly PriceCandidate[];
  readonly leftOut: readonly LeftOutEntry[];
  /** How many entries are of providers that are not served: most of a public table. */
  readonly ofOthers: number;
}

/** Throws PricesNotInTable when something that was asked for by name is not there. */
export function chosenPrices({ candidates, leftOut }: PriceTableContents, choice: PriceChoice): ChosenPrices {
  const isChosen = ({ provider, model }: { readonly provider: string | null; readonly model: string }): boolean =>
    (choice.providers.length === 0 || choice.providers.includes(provider ?? '')) &&
    (choice.models.length === 0 || choice.models.some((name) => name === model || name === `${provider}/${model}`));
  const chosen = candidates.filter(isChosen);
  const notThese = leftOut.filter((entry) => entry.provider !== null && isChosen(entry));
  const missing = [
    ...choice.providers.filter((name) => ![...chosen, ...notThese].some(({ provider }) => provider === name)),
    ...choice.models.filter(
      (name) => !chosen.some(({ provider, model }) => name === model || name === `${provider}/${model}`),
    ),
  ];
  if (missing.length > 0) throw new PricesNotInTable(missing, notThese);
  return {
    candidates: chosen,
    leftOut: notThese,
    ofOthers: leftOut.filter(({ provider }) => provider === null).length,
  };
}

export class PricesNotInTable extends DomainException {
  constructor(names: readonly string[], leftOut: readonly LeftOutEntry[]) {
    const why = leftOut.map(({ entry, reason }) => ` ${entry} was left out: ${reason}.`).join('');
    super(
      'prices_not_in_table',
      `The file has no price that can be used of ${names.join(', ')}, so nothing was imported.${why}`,
      { names },
      'not_found',
    );
  }
}
