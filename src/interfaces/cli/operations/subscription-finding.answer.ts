import type { SubscriptionFinding, SubscriptionFindingKind } from '#application/billing/subscription-verification';
import { factsText } from './credit-finding.answer.js';

export function subscriptionFindingText({ kind, userId, id, stored, recomputed }: SubscriptionFinding): string {
  return `user ${userId}: ${id} ${SENTENCES[kind]}: ${factsText(stored)}, recomputed ${factsText(recomputed)}`;
}

const SENTENCES: Readonly<Record<SubscriptionFindingKind, string>> = {
  plan_differs: 'gives another plan than the user has, and no operator has decided so',
  several_subscriptions: 'is not the only subscription of its user that gives a plan',
  anchor_differs: 'has another anchor than the usage periods of its user, and no operator has decided so',
  included_twice: 'came while included credit of the same item still ran',
  overpaid_invoice: 'is paid beyond what was due',
  step_ahead: 'has a step that lies ahead',
};
