import type { AiUsageFinding, AiUsageFindingKind } from '#application/gateway/ai-usage-evidence';
import { factsText } from './credit-finding.answer.js';

export function aiUsageFindingText({ kind, userId, id, stored, recomputed }: AiUsageFinding): string {
  const [subject, fault] = SENTENCES[kind];
  return `user ${userId}: ${subject} ${id} ${fault}: ${factsText(stored)}, recomputed ${factsText(recomputed)}`;
}

/** Of what it is told, and what is wrong with it. */
const SENTENCES: Readonly<Record<AiUsageFindingKind, readonly [string, string]>> = {
  ai_price_missing: ['AI request', 'is charged by a price that does not exist'],
  ai_cost_differs: ['AI request', 'does not cost what it used'],
  ai_provider_cost_differs: ['AI request', 'does not cost us what it used'],
  ai_failure_charged: ['AI request', 'delivered nothing and costs something'],
  ai_hold_differs: ['AI request', 'has a hold that did not end as the request did'],
  ai_hold_without_log: ['hold', 'is settled for an AI request that is not logged'],
  ai_charge_differs: ['AI request', 'is not charged what it cost'],
};
