import type { CreditChange } from '#application/credits/audited-credit-change';
import type { AccountStanding, CreditTransactionRecord, LiveGrant } from '#application/credits/credit-report';
import type { CreditBalance } from '#application/credits/get-credit-balance';
import type { CreditSummary } from '#application/credits/get-credit-summary';
import type { User } from '#domain/accounts/user';
import { creditsOf } from '#domain/credits/credit';
import { type Answer, type Facts, difference, fields, table } from '../shared/answer.js';

export function creditChanged(change: CreditChange, dryRun: boolean): Answer {
  const { user, entry } = change;
  const [before, after] = [standingJson(change.before), standingJson(change.after)];
  const credits = creditsOf(entry.amount);
  const [gave, took] = dryRun ? ['Would give', 'Would take'] : ['Gave', 'Took'];
  const sentence =
    credits > 0 ? `${gave} ${credits} credits to ${user.email}` : `${took} ${-credits} credits from ${user.email}`;
  return {
    json: {
      dry_run: dryRun,
      changed: true,
      user_id: user.id,
      email: user.email,
      transaction_id: dryRun ? null : entry.id,
      type: entry.type,
      credits,
      credits_micros: entry.amount.toNumber(),
      before,
      after,
    },
    text: `${sentence} (${entry.type}):\n${difference(before, after)}`,
    note: dryRun ? 'Nothing was changed.' : undefined,
  };
}

export function creditsShown(
  user: User,
  account: CreditBalance,
  summary: CreditSummary,
  newest: readonly CreditTransactionRecord[],
): Answer {
  const { balance, held, available, debt, expiringNext, grants, holds } = account;
  const expiring = expiringNext && {
    credits: creditsOf(expiringNext.amount),
    expires_at: expiringNext.at.toISOString(),
  };
  return {
    json: {
      user_id: user.id,
      email: user.email,
      credits: creditsOf(balance),
      held: creditsOf(held),
      available: creditsOf(available),
      debt: creditsOf(debt),
      credits_micros: balance.toNumber(),
      held_micros: held.toNumber(),
      available_micros: available.toNumber(),
      debt_micros: debt.toNumber(),
      expiring_next: expiring,
      total_spent: creditsOf(summary.spent),
      total_purchased: creditsOf(summary.purchased),
      total_bonus: creditsOf(summary.bonus),
      grants: grants.map(grantJson),
      holds: holds.map(({ requestId, amount, expiresAt }) => ({
        request_id: requestId,
        credits: creditsOf(amount),
        expires_at: expiresAt.toISOString(),
      })),
      newest: newest.map(entryJson),
    },
    text: [
      fields([
        ['user', user.email],
        ['credits', String(creditsOf(balance))],
        ['held', `${creditsOf(held)} (${holds.length} ${holds.length === 1 ? 'hold' : 'holds'})`],
        ['available', String(creditsOf(available))],
        ['owed', String(creditsOf(debt))],
        ['expiring next', expiring ? `${expiring.credits} at ${expiring.expires_at}` : 'nothing'],
        ['purchased', String(creditsOf(summary.purchased))],
        ['given', String(creditsOf(summary.bonus))],
        ['spent', String(creditsOf(summary.spent))],
      ]),
      ...(grants.length === 0 ? [] : ['', grantTable(grants)]),
      ...(newest.length === 0 ? [] : ['', entryTable(newest)]),
    ].join('\n'),
  };
}

function standingJson({ balance, held, debt }: AccountStanding): Facts {
  return { credits: creditsOf(balance), held: creditsOf(held), debt: creditsOf(debt) };
}

function grantJson(grant: LiveGrant): Facts {
  return {
    id: grant.id,
    type: grant.type,
    category: grant.category,
    description: grant.description,
    credits: creditsOf(grant.amount),
    remaining: creditsOf(grant.remaining),
    held: creditsOf(grant.held),
    expires_at: grant.expiresAt?.toISOString() ?? null,
    created_at: grant.createdAt.toISOString(),
  };
}

function entryJson(entry: CreditTransactionRecord): Facts {
  return {
    id: entry.id,
    sequence: entry.sequence,
    type: entry.type,
    credits: creditsOf(entry.amount),
    debt: creditsOf(entry.debt),
    balance_after: creditsOf(entry.balanceAfter),
    description: entry.description,
    actor: entry.actor,
    created_at: entry.createdAt.toISOString(),
  };
}

/** In the order in which they are spent. */
function grantTable(grants: readonly LiveGrant[]): string {
  return table(
    ['remaining', 'of', 'held', 'type', 'category', 'expires at'],
    grants.map(({ remaining, amount, held, type, category, expiresAt }) => [
      String(creditsOf(remaining)),
      String(creditsOf(amount)),
      String(creditsOf(held)),
      type,
      category,
      expiresAt?.toISOString() ?? 'never',
    ]),
  );
}

/** A debt changes what is owed, not the balance. */
function entryTable(newest: readonly CreditTransactionRecord[]): string {
  return table(
    ['entry', 'at', 'type', 'credits', 'balance', 'owed', 'description'],
    newest.map(({ sequence, createdAt, type, amount, balanceAfter, debtAfter, description }) => [
      String(sequence),
      createdAt.toISOString(),
      type,
      String(creditsOf(amount)),
      String(creditsOf(balanceAfter)),
      String(creditsOf(debtAfter)),
      description,
    ]),
  );
}
