import type { PriceInForce } from '#application/gateway/price-book';
import { type PriceAddition, type PriceImportResult, stepInWords } from '#application/gateway/price-import';
import type { ChosenPrices } from '#application/gateway/price-selection';
import { rateInUsd } from '#application/gateway/rate-in-usd';
import type { ModelPrice, Rates } from '#domain/providers/model-price';
import { type Answer, table } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';

export function pricesListed(prices: readonly PriceInForce[], at: Date): Answer {
  const rows = prices.flatMap(({ price, until, routes }) =>
    ratesShown(price).map(([name, rate], index) =>
      index === 0
        ? [
            price.provider,
            price.model,
            name,
            rate,
            price.effectiveFrom.toISOString(),
            until?.toISOString() ?? '',
            routes.join(', '),
          ]
        : ['', '', name, rate],
    ),
  );
  const header = ['provider', 'model', 'unit', 'price', 'from', 'until', 'served as'];
  return {
    json: {
      at: at.toISOString(),
      data: prices.map(({ price, until, routes }) => ({
        ...priceJson(price),
        effective_until: until?.toISOString() ?? null,
        routes,
      })),
      total: prices.length,
    },
    text: rows.length === 0 ? 'No price.' : table(header, rows),
  };
}

/** How an import was asked for. */
interface ImportMode {
  readonly dryRun: boolean;
  readonly accepted: boolean;
}

export function pricesImported(
  result: PriceImportResult,
  chosen: ChosenPrices,
  { dryRun, accepted }: ImportMode,
): Answer {
  const { additions, unchanged, routes, effectiveFrom } = result;
  const isFlagged = ({ differences }: PriceAddition): boolean => differences.some(({ flagged }) => flagged);
  const refused = dryRun && !accepted && additions.some(isFlagged);
  const would = dryRun ? 'would be ' : '';
  const counted = `${additions.length} ${would}added from ${effectiveFrom.toISOString()} on, ${unchanged} already in force`;
  return {
    json: {
      dry_run: dryRun,
      changed: additions.length + routes.length > 0,
      refused_without_accept_changes: refused,
      effective_from: effectiveFrom.toISOString(),
      prices: additions.map((addition) => additionJson(addition, dryRun)),
      unchanged,
      routes: routes.map(({ model, targets }) => ({ model, targets })),
      left_out: chosen.leftOut.map(({ entry, reason }) => ({ entry, reason })),
      of_other_providers: chosen.ofOthers,
    },
    text: [
      `Prices: ${counted}; ${chosen.leftOut.length} entries left out, and ${chosen.ofOthers} of providers that are not served.`,
      ...additions.map(additionText),
      ...routes.map(({ model, targets }) => `route ${model} → ${targets.map(({ provider }) => provider).join(', ')}`),
      ...chosen.leftOut.map(({ entry, reason }) => `left out ${entry}: ${reason}`),
    ].join('\n'),
    ...(dryRun && {
      note: refused
        ? 'Nothing was changed. What is marked with ! needs --accept-changes: without it, nothing would be.'
        : 'Nothing was changed.',
      exitCode: refused ? ExitCode.refused : ExitCode.ok,
    }),
  };
}

function additionText({ price, before, until, differences, rounded }: PriceAddition): string {
  const lines = differences.map((difference) => `  ${difference.flagged ? '!' : ' '} ${stepInWords(difference)}`);
  if (before !== null) {
    const [was, is] = [traitsJson(before), traitsJson(price)];
    const differing = Object.keys(is).filter((name) => String(was[name]) !== String(is[name]));
    lines.push(
      ...differing.map((name) => `    ${name} ${String(was[name] ?? 'none')} → ${String(is[name] ?? 'none')}`),
    );
  }
  if (before !== null && before.modality !== price.modality) lines.push(`    ${before.modality} → ${price.modality}`);
  if (until !== null) lines.push(`    until ${until.toISOString()}, when the next in the book takes over`);
  return [
    `${before === null ? 'new' : 'changed'} ${price.provider} ${price.model}`,
    ...lines,
    ...rounded.map((field) => `    ${field} was rounded to a whole micro-USD for a million units`),
  ].join('\n');
}

function additionJson({ price, before, until, differences, rounded }: PriceAddition, dryRun: boolean): object {
  return {
    ...priceJson(price),
    id: dryRun ? null : price.id,
    replaces: before?.id ?? null,
    effective_until: until?.toISOString() ?? null,
    changes: differences.map(({ name, before: was, after: is, flagged }) => ({
      rate: name,
      before: was === null ? null : String(was),
      after: is === null ? null : String(is),
      flagged,
    })),
    rounded,
  };
}

/** Rates are micro-USD for a million units, as text: they may be larger than a JSON number is exact. */
function priceJson(price: ModelPrice): Readonly<Record<string, unknown>> {
  return {
    id: price.id,
    provider: price.provider,
    model: price.model,
    modality: price.modality,
    rates: ratesJson(price.rates),
    long_context: price.longContext && {
      above_tokens: price.longContext.aboveTokens,
      rates: ratesJson(price.longContext.rates),
    },
    ...traitsJson(price),
    effective_from: price.effectiveFrom.toISOString(),
    source: price.source,
  };
}

function traitsJson({ traits }: ModelPrice): Readonly<Record<string, number | null | readonly string[]>> {
  return {
    context_tokens: traits.contextTokens,
    max_output_tokens: traits.maxOutputTokens,
    features: [...traits.features].sort(),
  };
}

function ratesJson(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, String(rate)]));
}

function ratesShown({ rates, longContext }: ModelPrice): readonly (readonly [name: string, price: string])[] {
  const shown = (of: Rates, condition: string): (readonly [string, string])[] =>
    Object.entries(of).map(([unit, rate]) => [`${unit}${condition}`, rateInUsd(unit, rate)]);
  return [
    ...shown(rates, ''),
    ...(longContext ? shown(longContext.rates, ` above ${longContext.aboveTokens} tokens`) : []),
  ];
}
