import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError, ValidationTypes } from 'class-validator';
import type { Shape } from './operation.js';

export interface FieldProblem {
  /** The path of the field: `title`, `segments.3.text`. */
  readonly field: string;
  readonly message: string;
}

/** 422: the request's shape is wrong, and which fields are. */
export class InvalidRequest extends Error {
  readonly status = 422;
  readonly code = 'validation_error';

  constructor(readonly errors: readonly FieldProblem[]) {
    super(`The request is not valid: ${errors.map(({ message }) => message).join('; ')}.`);
  }
}

/**
 * An instance of `shape` with the fields of `input`, each checked by the decorators of the class, and the same for the
 * shapes in it. Fields that a class does not declare are refused, `__proto__` included. Throws InvalidRequest.
 */
export function parse<T extends object>(shape: Shape<T>, input: unknown): T {
  const problems: FieldProblem[] = unstorable(input, '', MOST_LEVELS);
  if (problems.length > 0) throw new InvalidRequest(problems);
  const value = filled(shape, input ?? {}, '', problems);
  if (value === null) throw new InvalidRequest([{ field: '', message: 'a JSON object is expected' }]);
  if (problems.length > 0) throw new InvalidRequest(problems);
  // class-validator takes an object without any rules for one it does not know, and refuses it.
  if (fieldsOf(shape).size === 0) return value;
  const errors = validateSync(value, { forbidUnknownValues: true, stopAtFirstError: true });
  if (errors.length > 0) throw new InvalidRequest(errors.flatMap((error) => messages(error, '')));
  return value;
}

/**
 * Like parse, for the strings of a query: `?limit=20` is a number where the class declares one. Text that does not
 * spell a number stays text, so that the class refuses it.
 */
export function parseQuery<T extends object>(shape: Shape<T>, query: Readonly<Record<string, unknown>>): T {
  const typed = Object.entries(query).map(([field, given]) => [field, asDeclared(shape, field, given)] as const);
  return parse(shape, Object.fromEntries(typed));
}

/** Deeper than any request of ours; what goes deeper than this is meant to exhaust something. */
const MOST_LEVELS = 20;

/** NUL and halves of surrogate pairs: JSON can spell them, PostgreSQL cannot keep them. */

const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function unstorable(value: unknown, field: string, levels: number): FieldProblem[] {
  if (typeof value === 'string') {
    return UNSTORABLE.test(value) ? [{ field, message: `${field} contains characters that no text has` }] : [];
  }
  if (value === null || typeof value !== 'object') return [];
  if (levels === 0) return [{ field: field.split('.')[0]!, message: 'the request is nested too deeply' }];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = field ? `${field}.${name}` : name;
    if (UNSTORABLE.test(name)) return [{ field, message: 'a field is named by characters that no text has' }];
    return unstorable(inner, path, levels - 1);
  });
}

/** The shape that a field holds, or null when it holds a plain value. */
export function nestedShape(shape: Shape, field: string): Shape | null {
  return fieldsOf(shape).get(field)?.nested ?? null;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function asDeclared(shape: Shape, field: string, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  const type: unknown = Reflect.getMetadata('design:type', shape.prototype as object, field);
  if (type === Number && NUMBER.test(given)) return Number(given);
  if (type === Boolean && (given === 'true' || given === 'false')) return given === 'true';
  return given;
}

/** Null when `input` is no object. What is wrong inside it is added to `problems`. */
function filled<T extends object>(shape: Shape<T>, input: unknown, path: string, problems: FieldProblem[]): T | null {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return null;
  const value = new shape();
  const fields = fieldsOf(shape);
  for (const [name, given] of Object.entries(input)) {
    const field = path + name;
    const declared = fields.get(name);
    if (!declared) problems.push({ field, message: `${field} is not a field of this request` });
    else (value as Record<string, unknown>)[name] = declared.nested ? nested(declared, given, field, problems) : given;
  }
  for (const [name, { nested: inner, optional }] of fields) {
    // class-validator lets null and undefined pass where an inner shape is required.
    const given = (Object.hasOwn(input, name) ? input : value) as Record<string, unknown>;
    if (inner && !optional && (given[name] ?? null) === null) {
      problems.push({ field: path + name, message: `${path}${name} is required` });
    }
  }
  return value;
}

function nested({ nested: shape, each }: Field, given: unknown, field: string, problems: FieldProblem[]): unknown {
  if (given === null || given === undefined) return given;
  if (!each) return filled(shape!, given, `${field}.`, problems) ?? refused(problems, field, 'must be an object');
  if (!Array.isArray(given)) return refused(problems, field, 'must be a list');
  return given.map(
    (one: unknown, index): unknown =>
      filled(shape!, one, `${field}.${index}.`, problems) ??
      refused(problems, `${field}.${index}`, 'must be an object'),
  );
}

function refused(problems: FieldProblem[], field: string, message: string): undefined {
  problems.push({ field, message: `${field} ${message}` });
}

rememberRules();

/**
 * class-validator looks through all its rules anew for every object, for a thirtieth of a request's cost. No class here has
 * groups or schemas, so what was found for it once is what will be found again.
 */
function rememberRules(): void {
  const storage = getMetadataStorage();
  type Find = typeof storage.getTargetValidationMetadatas;
  const find: Find = storage.getTargetValidationMetadatas.bind(storage);
  const found = new WeakMap<object, ReturnType<Find>>();
  storage.getTargetValidationMetadatas = (target, ...rest) => {
    const rules = found.get(target) ?? find(target, ...rest);
    found.set(target, rules);
    return rules;
  };
}

interface Field {
  readonly nested: Shape | null;
  readonly each: boolean;
  readonly optional: boolean;
}

const known = new WeakMap<Shape, ReadonlyMap<string, Field>>();

/** What the decorators declare, looked up once for each class. */
function fieldsOf(shape: Shape): ReadonlyMap<string, Field> {
  const remembered = known.get(shape);
  if (remembered) return remembered;
  const rules = getMetadataStorage().getTargetValidationMetadatas(shape, '', true, false);
  const fields = new Map<string, Field>();
  for (const { propertyName: name } of rules) {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const rule = own.find(({ type }) => type === ValidationTypes.NESTED_VALIDATION);
    fields.set(name, {
      nested: rule ? innerShape(shape, name) : null,
      each: rule?.each ?? false,
      optional: own.some(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION),
    });
  }
  known.set(shape, fields);
  return fields;
}

/** As `@Type` names it: class-transformer is shown an empty object in that place, and what it makes of it is seen. */
function innerShape(shape: Shape, field: string): Shape {
  const { constructor } = (plainToInstance(shape, { [field]: {} }) as Record<string, object>)[field]!;
  if (constructor === Object) throw new Error(`${shape.name}.${field} needs @Type to say which shape it holds.`);
  return constructor as Shape;
}

function messages({ property, constraints, children }: ValidationError, path: string): FieldProblem[] {
  const field = path ? `${path}.${property}` : property;
  return [
    ...Object.values(constraints ?? {}).map((message) => ({ field, message })),
    ...(children ?? []).flatMap((child) => messages(child, field)),
  ];
}
