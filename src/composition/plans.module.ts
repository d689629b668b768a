import { ContainerModule } from 'inversify';
import { GetCurrentPlan } from '#application/plans/get-current-plan';
import { GetPlanComparison } from '#application/plans/get-plan-comparison';
import { LimitCheck } from '#application/plans/limit-check';
import { PlanController } from '#interfaces/http/plans/plan.controller';
import { Controller } from '#interfaces/http/shared/operation';

/** The catalogue itself is part of what the process was started with. */
export const plans = new ContainerModule(({ bind }) => {
  bind(GetCurrentPlan).toSelf();
  bind(GetPlanComparison).toSelf();
  bind(LimitCheck).toSelf();
  bind(Controller).to(PlanController);
});
