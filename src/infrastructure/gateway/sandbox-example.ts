import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, listOf, objectOf } from './translation/fields.js';

/** Schemas can refer to themselves: deeper, and after so many values, everything is null. */
const DEEPEST = 8;
const MOST_VALUES = 500;

/**
 * An object with every property that a JSON Schema names: `example` for strings, 1 for numbers, true for booleans, one item
 * in lists, the first value of an enum. It follows `$ref` within the schema, and the first of several alternatives.
 */
export function exampleOf(schema: JsonObject): JsonObject {
  return objectOf(new Example(schema).of({ ...schema, type: schema['type'] ?? 'object' }, 0));
}

class Example {
  private values = 0;

  constructor(private readonly root: JsonObject) {}

  of(schema: unknown, depth: number): unknown {
    if (!isObject(schema) || depth > DEEPEST || ++this.values > MOST_VALUES) return null;
    const alternative = this.referred(schema) ?? alternativeIn(schema);
    if (alternative !== undefined) return this.of(alternative, depth + 1);
    if (schema['const'] !== undefined) return schema['const'];
    const [first] = listOf(schema['enum']);
    return first === undefined ? this.ofType(schema, depth) : first;
  }

  private ofType(schema: JsonObject, depth: number): unknown {
    switch (typeIn(schema)) {
      case 'string':
        return 'example';
      case 'number':
      case 'integer':
        return 1;
      case 'boolean':
        return true;
      case 'array':
        return isObject(schema['items']) ? [this.of(schema['items'], depth + 1)] : [];
      case 'object':
        return Object.fromEntries(
          Object.entries(objectOf(schema['properties'])).map(([name, value]) => [name, this.of(value, depth + 1)]),
        );
      default:
        return null;
    }
  }

  /** RFC 6901, within the schema alone. */
  private referred({ $ref: reference }: JsonObject): unknown {
    if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
    return reference
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>(
        (place, name) => (isObject(place) && Object.hasOwn(place, name) ? place[name] : null),
        this.root,
      );
  }
}

function alternativeIn(schema: JsonObject): unknown {
  return [schema['anyOf'], schema['oneOf'], schema['allOf']].map(listOf).find(({ length }) => length > 0)?.[0];
}

function typeIn({ type, properties }: JsonObject): unknown {
  const said = Array.isArray(type) ? (type as readonly unknown[]).find((one) => one !== 'null') : type;
  return said ?? (isObject(properties) ? 'object' : undefined);
}
