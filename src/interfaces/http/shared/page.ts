import { IsInt, Max, Min } from 'class-validator';
import type { Page, PageOf } from '#domain/shared/page';

/** Which part of a list; a query that asks for more extends it. */
export class PageQuery implements Page {
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset: number = 0;
}

/** The wire's form of a part of a list. */
export function pageResponse<T, R>(
  { items, total }: PageOf<T>,
  { limit, offset }: Page,
  response: (item: T) => R,
): { data: R[]; total: number; has_more: boolean } {
  return { data: items.map(response), total, has_more: offset + Math.min(limit, items.length) < total };
}
