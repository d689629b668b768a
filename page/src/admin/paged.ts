import { useState } from 'preact/hooks';
import { type Resource, useResource } from '../shared/resource';

export interface ListOf<Row> {
  readonly data: readonly Row[];
  readonly total: number;
  readonly has_more: boolean;
}

export const PAGE_SIZE = 20;

export interface Paged<Row> {
  readonly resource: Resource<ListOf<Row>>;
  readonly retry: () => void;
  readonly offset: number;
  readonly turn: (offset: number) => void;
}

/** One page of a list; another question begins at its start. */
export function usePaged<Row>(path: string, query: Readonly<Record<string, string>>): Paged<Row> {
  const asked = JSON.stringify([path, query]);
  const [at, setAt] = useState({ asked, offset: 0 });
  const offset = at.asked === asked ? at.offset : 0;
  const search = new URLSearchParams({ limit: String(PAGE_SIZE), offset: String(offset) });
  for (const [name, value] of Object.entries(query)) if (value !== '') search.set(name, value);
  const [resource, retry] = useResource<ListOf<Row>>(`${path}?${search.toString()}`);
  return { resource, retry, offset, turn: (next) => setAt({ asked, offset: next }) };
}
