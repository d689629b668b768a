import type { Caller } from '#application/accounts/authentication';
import type { GetBudgetStatus } from '#application/budgets/get-budget-status';
import type { Role } from '#domain/accounts/role';
import { UserNotFound } from '#domain/accounts/user-repository';
import {
  type Budget,
  BudgetForbidden,
  type BudgetId,
  type BudgetPermissions,
  budgetOf,
  GLOBAL_BUDGET,
} from '#domain/budgets/budget';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { findId } from '#domain/shared/id';
import { InvalidRequest } from '../shared/parse.js';
import { HttpProblem } from '../shared/problem.js';
import type { BudgetScope } from './budget.request.js';

/** Which budget a question is about: the caller's own unless it says otherwise, which is for admins. */
export interface BudgetChoice {
  readonly scope: BudgetScope;
  readonly user_id?: string;
}

type Deed = ConstructorParameters<typeof BudgetForbidden>[0];

const NEEDS: Readonly<Record<Deed, keyof BudgetPermissions>> = {
  view: 'visible',
  modify: 'canModify',
  reset: 'canReset',
};

/** Throws BudgetForbidden. Admins may do all of it. */
export function mustAllow(deed: Deed, { permissions }: Budget, role: Role): void {
  if (role !== 'admin' && !permissions[NEEDS[deed]]) throw new BudgetForbidden(deed);
}

/** The budget that a question is about. Throws InvalidRequest, UserNotFound, and 403 for who is no admin. */
export function chosenBudget({ userId, role }: Caller, { scope, user_id: asked }: BudgetChoice): BudgetId {
  if (scope === 'global' && asked !== undefined) {
    throw new InvalidRequest([{ field: 'user_id', message: 'the global budget is no user’s: leave out user_id' }]);
  }
  const isOwn = scope === 'user' && (asked === undefined || asked.toLowerCase() === userId);
  if (isOwn) return budgetOf(userId);
  if (role !== 'admin') {
    throw new HttpProblem(403, 'admin_only', 'Only the role admin sees other budgets than its own.', { role });
  }
  return scope === 'global' ? GLOBAL_BUDGET : budgetOfUser(asked!);
}

/** How that budget stands. Throws like chosenBudget, and BudgetForbidden when its user may not see it. */
export async function chosenStatus(
  getStatus: GetBudgetStatus,
  caller: Caller,
  choice: BudgetChoice,
): Promise<BudgetStatus> {
  const status = await getStatus.execute(chosenBudget(caller, choice));
  mustAllow('view', status.budget, caller.role);
  return status;
}

/** The budget of the user with that id, which is never the global one, whatever is written. Throws UserNotFound. */
export function budgetOfUser(text: string): BudgetId {
  const id = findId<'User'>(text);
  if (id === null || budgetOf(id) === GLOBAL_BUDGET) throw new UserNotFound(text);
  return budgetOf(id);
}
