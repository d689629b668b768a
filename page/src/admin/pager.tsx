import { Button } from '../shared/components/button';
import { useLocale } from '../shared/locale';
import { type ListOf, PAGE_SIZE, type Paged } from './paged';

/** Which lines of how many, and the way to the others. */
export function Pager({
  list,
  paged,
}: {
  readonly list: ListOf<unknown>;
  readonly paged: Pick<Paged<unknown>, 'offset' | 'turn'>;
}) {
  const locale = useLocale();
  if (list.total === 0) return null;
  const first = locale.number(paged.offset + 1);
  const last = locale.number(paged.offset + list.data.length);
  return (
    <nav class="row" aria-label="Pages">
      <span class="quiet">{`${first} to ${last} of ${locale.number(list.total)}`}</span>
      <span class="actions">
        <Button disabled={paged.offset === 0} onClick={() => paged.turn(Math.max(0, paged.offset - PAGE_SIZE))}>
          Previous
        </Button>
        <Button disabled={!list.has_more} onClick={() => paged.turn(paged.offset + PAGE_SIZE)}>
          Next
        </Button>
      </span>
    </nav>
  );
}
