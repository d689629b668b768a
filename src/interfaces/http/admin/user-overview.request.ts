import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { OVERVIEW_ORDERS, type OverviewOrder } from '#application/operations/user-overview';
import { PageQuery } from '../shared/page.js';

export class UserOverviewQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @JSONSchema({ description: 'A part of the e-mail address or the name, in whatever case.' })
  search?: string;

  @IsIn(OVERVIEW_ORDERS)
  @JSONSchema({
    description:
      '`newest`: the last registered first. `spend`: who spent most provider money in the running period of their budget first. `email`: A to Z.',
  })
  order: OverviewOrder = 'newest';
}
