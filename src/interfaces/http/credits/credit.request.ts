import { IsIn, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { CREDIT_TRANSACTION_TYPES, type CreditTransactionType } from '#domain/credits/credit-transaction';
import { PageQuery } from '../shared/page.js';
import { IsInstant } from '../shared/shapes.js';

export class CreditTransactionsQuery extends PageQuery {
  @IsOptional()
  @IsIn(CREDIT_TRANSACTION_TYPES)
  type?: CreditTransactionType;

  @JSONSchema({ description: 'What came in, or what went out. A debt moves no credit and is neither.' })
  @IsOptional()
  @IsIn(['in', 'out'])
  direction?: 'in' | 'out';

  @JSONSchema({ description: 'Entries of this instant or later.' })
  @IsOptional()
  @IsInstant()
  from?: string;

  @JSONSchema({ description: 'Entries before this instant.' })
  @IsOptional()
  @IsInstant()
  to?: string;
}

export class CreditSummaryQuery {
  @JSONSchema({ description: 'Entries of this instant or later; from the first one if left out.' })
  @IsOptional()
  @IsInstant()
  from?: string;

  @JSONSchema({ description: 'Entries before this instant; to the last one if left out.' })
  @IsOptional()
  @IsInstant()
  to?: string;
}
