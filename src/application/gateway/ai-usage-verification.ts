import type { UserId } from '#domain/accounts/user';
import { type ModelPrice, type ModelPriceId, UnitNotPriced } from '#domain/providers/model-price';
import { UseCase } from '../use-case.js';
import { type AiCosts, recomputedCosts } from './ai-cost-recomputation.js';
import {
  AiUsageEvidence,
  type AiUsageFacts,
  type AiUsageFinding,
  ENTRY_FINDING_KINDS,
  type EntryFindingKind,
  LINK_FINDING_KINDS,
  type LoggedCost,
} from './ai-usage-evidence.js';

/** A broken book is told of by its first thousand findings of each kind. */
const MOST_FINDINGS = 1_000;
const PAGE = 2_000;

export interface AiUsageVerificationReport {
  /** How many entries of the log were recomputed. */
  readonly entries: number;
  /** Empty when the books are right. */
  readonly findings: readonly AiUsageFinding[];
  /** True when there are more findings than are listed. */
  readonly truncated: boolean;
}

/**
 * Recomputes what every AI request cost from what it used and the price versions that its entry names, and compares the log
 * with the holds and the ledger. Entries are read a page at a time, however many there are: 100 000 take two to three seconds on two
 * cores.
 */
@UseCase()
export class AiUsageVerification {
  constructor(private readonly evidence: AiUsageEvidence) {}

  /** Of one user, or of everybody (null). */
  async execute(userId: UserId | null): Promise<AiUsageVerificationReport> {
    const { entries, found } = await this.recomputed(userId);
    const lists: (readonly AiUsageFinding[])[] = ENTRY_FINDING_KINDS.map((kind) => found.get(kind) ?? []);
    for (const kind of LINK_FINDING_KINDS) lists.push(await this.evidence.findings(kind, userId, MOST_FINDINGS + 1));
    return {
      entries,
      findings: lists.flatMap((list) => list.slice(0, MOST_FINDINGS)),
      truncated: lists.some((list) => list.length > MOST_FINDINGS),
    };
  }

  private async recomputed(userId: UserId | null) {
    const prices = new Map<ModelPriceId, ModelPrice>();
    const found = new Map<EntryFindingKind, AiUsageFinding[]>();
    let entries = 0;
    for await (const page of this.evidence.pages(userId, PAGE)) {
      await this.learn(page, prices);
      for (const entry of page) {
        for (const finding of findingsOf(entry, prices)) {
          const kind = finding.kind as EntryFindingKind;
          const known = found.get(kind) ?? [];
          if (known.length <= MOST_FINDINGS) found.set(kind, [...known, finding]);
        }
      }
      entries += page.length;
    }
    return { entries, found };
  }

  /** Prices never change: each is read once. */
  private async learn(page: readonly LoggedCost[], prices: Map<ModelPriceId, ModelPrice>): Promise<void> {
    const named = new Set(page.flatMap(({ priceId, servedPriceId }) => [priceId, servedPriceId ?? priceId]));
    const unknown = [...named].filter((id) => !prices.has(id));
    if (unknown.length === 0) return;
    for (const price of await this.evidence.prices(unknown)) prices.set(price.id, price);
  }
}

function findingsOf(entry: LoggedCost, prices: ReadonlyMap<ModelPriceId, ModelPrice>): readonly AiUsageFinding[] {
  const { priceId, servedPriceId, cost, providerCost, outcome } = entry;
  const finding = (kind: EntryFindingKind, stored: AiUsageFacts, recomputed: AiUsageFacts): AiUsageFinding => ({
    kind,
    userId: entry.userId,
    id: entry.id,
    stored,
    recomputed,
  });
  const price = prices.get(priceId);
  const served = servedPriceId === null ? null : prices.get(servedPriceId);
  if (price === undefined || served === undefined) {
    const known = { price_id: price?.id ?? null, served_price_id: served?.id ?? null };
    return [finding('ai_price_missing', { price_id: priceId, served_price_id: servedPriceId }, known)];
  }
  const sum = { cost_micros: cost.micros.toString(), provider_cost_micros: providerCost.micros.toString() };
  const findings: AiUsageFinding[] = [];
  const costs = costsOf(entry, price, served);
  const right = nearest(costs, entry);
  if (!right?.cost.equals(cost)) {
    const known = { cost_micros: right?.cost.micros.toString() ?? null };
    findings.push(finding('ai_cost_differs', { cost_micros: sum.cost_micros }, known));
  }
  if (!right?.providerCost.equals(providerCost)) {
    const known = { provider_cost_micros: right?.providerCost.micros.toString() ?? null };
    findings.push(finding('ai_provider_cost_differs', { provider_cost_micros: sum.provider_cost_micros }, known));
  }
  if (FREE.has(outcome) && (cost.isPositive || providerCost.isPositive)) {
    const nothing = { outcome, cost_micros: '0', provider_cost_micros: '0' };
    findings.push(finding('ai_failure_charged', { outcome, ...sum }, nothing));
  }
  return findings;
}

/** What delivers nothing costs nothing. */
const FREE: ReadonlySet<LoggedCost['outcome']> = new Set(['lost', 'failed', 'refused']);

/** None when the prices have none for what was used. */
function costsOf(entry: LoggedCost, price: ModelPrice, served: ModelPrice | null): readonly AiCosts[] {
  try {
    return recomputedCosts(entry, price, served);
  } catch (error) {
    if (error instanceof UnitNotPriced) return [];
    throw error;
  }
}

/** Of what it may have cost, that which agrees with the entry most. */
function nearest(costs: readonly AiCosts[], { cost, providerCost }: LoggedCost): AiCosts | undefined {
  const agreement = (one: AiCosts): number =>
    Number(one.cost.equals(cost)) + Number(one.providerCost.equals(providerCost));
  return costs.toSorted((one, other) => agreement(other) - agreement(one))[0];
}
