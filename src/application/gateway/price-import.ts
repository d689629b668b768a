import { AuditLog } from '#domain/accounts/audit-log';
import { ModelPrice, type ModelTraits } from '#domain/providers/model-price';
import { DomainException } from '#domain/shared/domain-exception';
import type { ReasonedOperator } from '../credits/audited-credit-change.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type DatedRoute, PriceBook, type PriceInForce } from './price-book.js';
import { findSlip, type RateDifference, rateDifferences } from './price-comparison.js';
import type { PriceCandidate } from './price-table.js';
import { rateInUsd } from './rate-in-usd.js';

export interface PriceImportOrder {
  readonly candidates: readonly PriceCandidate[];
  /** Models that have no route get one to whoever has a price of them here. */
  readonly addRoutes: boolean;
  /** Null: now. */
  readonly effectiveFrom: Date | null;
  /** A person has looked at the steps that are flagged, and takes them. */
  readonly acceptChanges: boolean;
  readonly operator: ReasonedOperator;
  /** Says what would be added, flagged steps too, and adds nothing. */
  readonly dryRun: boolean;
}

export interface PriceAddition {
  readonly price: ModelPrice;
  /** Null when the model had no price. */
  readonly before: ModelPrice | null;
  /** When another price that is in the book already takes over from it. */
  readonly until: Date | null;
  readonly differences: readonly RateDifference[];
  readonly rounded: readonly string[];
}

export interface PriceImportResult {
  readonly effectiveFrom: Date;
  readonly additions: readonly PriceAddition[];
  /** How many are in force already as they are. */
  readonly unchanged: number;
  readonly routes: readonly DatedRoute[];
}

/** Adds prices that were published to the book, each as a new row with its date: all of them or none. */
@UseCase()
export class PriceImport {
  constructor(
    private readonly book: PriceBook,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
    private readonly clock: Clock,
  ) {}

  /** Throws ImplausiblePrices, PriceDateOver, PriceDateTaken and, unless this is a dry run, PriceStepsNotAccepted. */
  async execute(order: PriceImportOrder): Promise<PriceImportResult> {
    mustBePlausible(order.candidates);
    return this.transaction.run(async () => {
      await this.book.hold();
      const result = await this.compared(order);
      if (order.dryRun) return result;
      if (!order.acceptChanges) mustBeSmallSteps(result.additions);
      for (const { price } of result.additions) await this.book.addPrice(price);
      for (const route of result.routes) await this.book.addRoute(route);
      await this.record(result, order.operator);
      return result;
    });
  }

  private async compared({
    candidates,
    addRoutes,
    effectiveFrom,
    operator,
  }: PriceImportOrder): Promise<PriceImportResult> {
    const now = this.clock.now();
    const from = effectiveFrom ?? now;
    const isPast = from < now;
    // What replaces nothing may be dated back: nobody was charged by it.
    const prices = await this.book.inForce({ provider: null, model: null }, isPast ? now : from);
    const known = new Map(prices.map((one) => [nameOf(one.price), one]));
    const all = candidates.map((candidate) => this.addition(candidate, known.get(nameOf(candidate)) ?? null, from));
    const additions = all.filter((addition) => addition !== null);
    if (isPast) mustReplaceNothing(additions, from, now);
    mustNotBeTaken(additions);
    return {
      effectiveFrom: from,
      additions,
      unchanged: all.length - additions.length,
      routes: addRoutes ? missingRoutes(candidates, await this.book.routed(), from, operator.actor) : [],
    };
  }

  /** Null when it is what is in force. */
  private addition(candidate: PriceCandidate, inForce: PriceInForce | null, from: Date): PriceAddition | null {
    const before = inForce?.price ?? null;
    const price = new ModelPrice(
      this.ids.next<'ModelPrice'>(),
      candidate.provider,
      candidate.model,
      candidate.modality,
      candidate.rates,
      candidate.longContext,
      traitsOf(candidate, before),
      from,
      candidate.source,
    );
    const differences = rateDifferences(before, price);
    const isSame = before?.modality === price.modality && sameTraits(before.traits, price.traits);
    if (isSame && differences.length === 0) return null;
    return { price, before, until: inForce?.until ?? null, differences, rounded: candidate.rounded };
  }

  private async record(
    { additions, routes, effectiveFrom }: PriceImportResult,
    operator: ReasonedOperator,
  ): Promise<void> {
    if (additions.length + routes.length === 0) return;
    await this.audit.append({
      actor: operator.actor,
      action: 'prices.add',
      userId: null,
      reason: operator.reason,
      before: { prices: additions.filter(({ before }) => before !== null).map(({ before }) => factsOf(before!)) },
      after: {
        effective_from: effectiveFrom.toISOString(),
        prices: additions.map(({ price }) => factsOf(price)),
        routes: routes.map(({ model, targets }) => ({ model, targets })),
      },
    });
  }
}

/** A rate that nobody ever sold for: it was meant for another unit. Nothing was imported. */
export class ImplausiblePrices extends DomainException {
  constructor(slips: readonly string[]) {
    super(
      'prices_implausible',
      `No price was imported, since the unit of some must be wrong. ${slips.join('. ')}. Mend the file, or leave them out with --model.`,
      { prices: slips },
      'invalid',
    );
  }
}

export class PriceStepsNotAccepted extends DomainException {
  constructor(steps: readonly string[]) {
    super(
      'price_changes_not_accepted',
      `No price was imported: some would change by more than half, to or from zero, or vanish. ${steps.join('. ')}. Look with --dry-run, and take them with --accept-changes.`,
      { prices: steps },
    );
  }
}

export class PriceDateOver extends DomainException {
  constructor(models: readonly string[], effectiveFrom: Date, now: Date) {
    super(
      'price_date_over',
      `${effectiveFrom.toISOString()} is over, and charges since then name the prices that were in force: ${models.join(', ')}. Name an instant from ${now.toISOString()} on, or none for now.`,
      { effective_from: effectiveFrom.toISOString(), now: now.toISOString(), models },
    );
  }
}

/** Another price of that very date is in the book: none is ever changed. */
export class PriceDateTaken extends DomainException {
  constructor(models: readonly string[], effectiveFrom: Date) {
    super(
      'price_date_taken',
      `The book has other prices from ${effectiveFrom.toISOString()} on already, of ${models.join(', ')}. Name another instant.`,
      { effective_from: effectiveFrom.toISOString(), models },
      'conflict',
    );
  }
}

function mustBePlausible(candidates: readonly PriceCandidate[]): void {
  const slips = candidates.map(findSlip).filter((slip) => slip !== null);
  if (slips.length > 0) throw new ImplausiblePrices(slips);
}

function mustReplaceNothing(additions: readonly PriceAddition[], from: Date, now: Date): void {
  const priced = additions.filter(({ before }) => before !== null).map(({ price }) => nameOf(price));
  if (priced.length > 0) throw new PriceDateOver(priced, from, now);
}

function mustNotBeTaken(additions: readonly PriceAddition[]): void {
  const taken = additions.filter(
    ({ price, before }) => before?.effectiveFrom.getTime() === price.effectiveFrom.getTime(),
  );
  if (taken.length > 0) {
    throw new PriceDateTaken(
      taken.map(({ price }) => nameOf(price)),
      taken[0]!.price.effectiveFrom,
    );
  }
}

function mustBeSmallSteps(additions: readonly PriceAddition[]): void {
  const steps = additions.flatMap(({ price, differences }) =>
    differences.filter(({ flagged }) => flagged).map((difference) => `${nameOf(price)}: ${stepInWords(difference)}`),
  );
  if (steps.length > 0) throw new PriceStepsNotAccepted(steps);
}

/** `input_token 0.15 USD a million tokens → 0.3 USD a million tokens`. */
export function stepInWords({ name, unit, before, after }: RateDifference): string {
  const shown = (rate: bigint | null): string => (rate === null ? 'no price' : rateInUsd(unit, rate));
  return `${name} ${shown(before)} → ${shown(after)}`;
}

/** What a table does not say stays as it is known. */
function traitsOf({ traits }: PriceCandidate, before: ModelPrice | null): ModelTraits {
  return {
    contextTokens: traits.contextTokens ?? before?.traits.contextTokens ?? null,
    maxOutputTokens: traits.maxOutputTokens ?? before?.traits.maxOutputTokens ?? null,
    features: traits.features.length > 0 ? traits.features : (before?.traits.features ?? []),
  };
}

function sameTraits(one: ModelTraits, other: ModelTraits): boolean {
  const said = ({ contextTokens, maxOutputTokens, features }: ModelTraits): string =>
    JSON.stringify([contextTokens, maxOutputTokens, [...features].sort()]);
  return said(one) === said(other);
}

/** A provider's name with a slash would read as a target of another provider, so it is reached with its provider before it. */
function missingRoutes(
  candidates: readonly PriceCandidate[],
  routed: ReadonlySet<string>,
  effectiveFrom: Date,
  actor: string,
): readonly DatedRoute[] {
  const routes = new Map<string, DatedRoute>();
  for (const { provider, model } of candidates) {
    const name = model.includes('/') ? `${provider}/${model}` : model;
    if (routed.has(name)) continue;
    const targets = [...(routes.get(name)?.targets ?? []), { provider, model }];
    routes.set(name, { model: name, effectiveFrom, targets, source: `prices import by ${actor}` });
  }
  return [...routes.values()];
}

function nameOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider}/${model}`;
}

function factsOf(price: ModelPrice): Readonly<Record<string, unknown>> {
  const written = (rates: ModelPrice['rates']): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, String(rate)]));
  return {
    id: price.id,
    provider: price.provider,
    model: price.model,
    rates: written(price.rates),
    long_context: price.longContext && {
      above_tokens: price.longContext.aboveTokens,
      rates: written(price.longContext.rates),
    },
    source: price.source,
  };
}
