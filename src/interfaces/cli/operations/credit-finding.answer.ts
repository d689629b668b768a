import type { CreditFacts, CreditFinding, CreditFindingKind } from '#application/credits/credit-reconciliation';

export function creditFindingText({ kind, userId, id, stored, recomputed }: CreditFinding): string {
  const [subject, fault] = SENTENCES[kind];
  const named = id === null ? subject : `${subject} ${id}`;
  return `user ${userId}: ${named} ${fault}: ${factsText(stored)}, recomputed ${factsText(recomputed)}`;
}

/** Of what it is told, and what is wrong with it. */
const SENTENCES: Readonly<Record<CreditFindingKind, readonly [string, string]>> = {
  balance_differs: ['the balance', 'is not what its entries add up to'],
  debt_differs: ['the debt', 'is not what its entries add up to'],
  last_entry_differs: ['the account', 'does not stand where its last entry left it'],
  chain_broken: ['entry', 'does not continue the one before it'],
  hash_differs: ['entry', 'does not say what it said when it was written'],
  held_differs: ['what is held', 'is not what open holds and grants have of it'],
  grant_held_differs: ['grant', 'has another part held than open holds reserve of it'],
  grants_differ: ['the balance', 'is not what its grants have left'],
  grant_remaining_differs: ['grant', 'has not left what its payments leave of it'],
  grant_without_entry: ['grant', 'is not what an entry brought'],
  entry_without_grant: ['entry', 'brought credit and is no grant'],
  sources_differ: ['entry', 'took another sum than its sources paid'],
  foreign_source: ['entry or hold', 'takes from a grant that is not of its user'],
  front_differs: ['the account', 'keeps in mind another grant than the one that is spent next'],
  alarm_late: ['the account', 'is looked after later than something of it runs out'],
  payment_without_entry: ['payment', 'is completed and has not brought what was bought'],
  entry_without_payment: ['entry', 'belongs to a payment that is not completed'],
};

export function factsText(facts: CreditFacts): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${value ?? 'missing'}`)
    .join(', ');
}
