import type { Operation } from '../shared/operation.js';
import type { PathContract } from '../shared/path-contract.js';
import type { OpenApiDocument } from './openapi.js';
import type { Schema } from './schemas.js';

/** Every tag of operations and of routes beside them, once. */
export function tagsOf(operations: readonly Operation[], contracts: readonly PathContract[]): readonly Schema[] {
  const described = contracts.flatMap(({ paths }) => Object.values(paths).flatMap((path) => Object.values(path)));
  const tags = [...operations.map(({ tag }) => tag), ...described.flatMap(({ tags }) => tags as readonly string[])];
  return [...new Set(tags)].map((name) => ({ name }));
}

type Components = Readonly<Record<string, Readonly<Record<string, Schema>>>>;

/** The components of operations and of routes beside them. */
export function allComponents(own: Components, contracts: readonly PathContract[]): OpenApiDocument['components'] {
  const all = [own, ...contracts.map(({ components }) => components)];
  const kinds = [...new Set(all.flatMap((components) => Object.keys(components)))];
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      joined(
        kind,
        all.map((components) => components[kind] ?? {}),
      ),
    ]),
  ) as OpenApiDocument['components'];
}

/** A reader finds one thing under each name: throws when there are two. */
export function joined<T>(kind: string, parts: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  const names = parts.flatMap((part) => Object.keys(part));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two descriptions of ${kind} ${twice}.`);
  return Object.assign({}, ...parts) as Record<string, T>;
}
