import { getMetadataStorage, IS_DATE_STRING, IS_IN, ValidationTypes } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import type { Shape } from '../shared/operation.js';
import { nestedShape } from '../shared/parse.js';
import { SHAPE_SCHEMAS } from '../shared/shapes.js';

export type Schema = Readonly<Record<string, unknown>>;

export interface ObjectSchema extends Schema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

/** What a shape is for: what is asked may leave fields out, what is answered has them all. */
type Use = 'input' | 'answer';

type Converters = NonNullable<NonNullable<Parameters<typeof targetConstructorToSchema>[1]>['additionalConverters']>;

const PREFIX = '#/components/schemas/';

/** The schemas (JSON Schema 2020-12) of all shapes that a document refers to, made from their decorators. */
export class Schemas {
  private readonly made = new Map<
    string,
    { readonly shape: Shape; readonly use: Use; readonly schema: ObjectSchema }
  >();

  /** Throws when two classes share a name, or one is used both ways: a reader could not tell them apart. */
  reference(shape: Shape, use: Use): Schema {
    const before = this.made.get(shape.name);
    if (before && before.shape !== shape) throw new Error(`Two shapes are called ${shape.name}.`);
    if (before && before.use !== use) throw new Error(`${shape.name} is both asked and answered; declare two shapes.`);
    if (!before) this.made.set(shape.name, { shape, use, schema: this.of(shape, use) });
    return { $ref: PREFIX + shape.name };
  }

  /** The schema of a shape itself, for a query, whose fields are parameters. */
  of(shape: Shape, use: Use): ObjectSchema {
    const { properties = {}, required = [] } = targetConstructorToSchema(shape, {
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: PREFIX,
      additionalConverters: this.converters(shape, use),
    }) as Partial<ObjectSchema>;
    const fields = Object.entries(properties);
    if (use === 'answer') {
      const described = fields.map(([name, schema]): [string, Schema] => [
        name,
        required.includes(name) ? schema : nullable(schema),
      ]);
      return { type: 'object', properties: Object.fromEntries(described), required: Object.keys(properties) };
    }
    const defaults = new shape() as Record<string, unknown>;
    const described = fields.map(([name, schema]): [string, Schema] => {
      const allowed = required.includes(name) ? schema : nullable(schema);
      return [name, defaults[name] === undefined ? allowed : { ...allowed, default: defaults[name] }];
    });
    return {
      type: 'object',
      properties: Object.fromEntries(described),
      required: required.filter((name) => defaults[name] === undefined),
      additionalProperties: false,
    };
  }

  /** For decorators that class-validator-jsonschema does not know, or describes in the way of older drafts. */
  private converters(shape: Shape, use: Use): Converters {
    return {
      ...SHAPE_SCHEMAS,
      [IS_DATE_STRING]: { type: 'string', format: 'date-time' },
      [IS_IN]: ({ constraints }: { constraints: readonly [readonly unknown[]] }) => enumeration(constraints[0]),
      [ValidationTypes.NESTED_VALIDATION]: ({ propertyName }: { propertyName: string }) =>
        this.reference(nestedShape(shape, propertyName)!, use),
    } as unknown as Converters;
  }

  /** All that were referred to, by name. */
  all(): Readonly<Record<string, Schema>> {
    const sorted = [...this.made].sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, { schema }]) => [name, schema]));
  }
}

function enumeration(values: readonly unknown[]): Schema {
  const types = new Set(values.map((value) => typeof value));
  return types.size === 1 ? { type: [...types][0], enum: [...values] } : { enum: [...values] };
}

/** The way of OpenAPI 3.1: null is one more type. */
function nullable(schema: Schema): Schema {
  if (typeof schema.type === 'string') {
    const { type, enum: values, ...rest } = schema as { type: string; enum?: readonly unknown[] };
    return { type: [type, 'null'], ...(values && { enum: [...values, null] }), ...rest };
  }
  const { description, ...described } = schema;
  return { anyOf: [described, { type: 'null' }], ...(description !== undefined && { description }) };
}
