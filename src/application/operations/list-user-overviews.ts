import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { type OverviewFilter, type UserOverview, UserOverviews } from './user-overview.js';

/** Users with plan, subscription, usage, credit and budget in one list, for the operator. */
@UseCase()
export class ListUserOverviews {
  constructor(
    private readonly overviews: UserOverviews,
    private readonly clock: Clock,
  ) {}

  execute(filter: OverviewFilter, page: Page): Promise<PageOf<UserOverview>> {
    return this.overviews.list(filter, page, this.clock.now());
  }
}
