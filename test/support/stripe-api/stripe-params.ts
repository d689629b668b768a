import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

const schemas = JSON.parse(
  readFileSync(join(process.cwd(), 'test/support/stripe-api/params.schema.json'), 'utf8'),
) as object;

const text = { type: 'string' };
const range = {
  anyOf: [
    { type: 'integer' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        gt: { type: 'integer' },
        gte: { type: 'integer' },
        lt: { type: 'integer' },
        lte: { type: 'integer' },
      },
    },
  ],
};
const expand = { expand: { type: 'array', items: text } };
const paging = {
  limit: { type: 'integer', minimum: 1, maximum: 100 },
  starting_after: text,
  ending_before: text,
  ...expand,
};
const only = (properties: object): object => ({ type: 'object', additionalProperties: false, properties });

/** After stripe-node's SessionListParams, RefundListParams, DisputeListParams and the retrieve parameters. */
const LISTS: Readonly<Record<string, object>> = {
  SessionList: only({
    ...paging,
    created: range,
    customer: text,
    payment_intent: text,
    payment_link: text,
    subscription: text,
    status: { enum: ['open', 'complete', 'expired'] },
  }),
  RefundList: only({ ...paging, created: range, charge: text, payment_intent: text }),
  DisputeList: only({ ...paging, created: range, charge: text, payment_intent: text }),
  Retrieve: only(expand),
};

const ajv = new Ajv({ coerceTypes: 'array', allErrors: false, strict: false });
ajv.addSchema(schemas, 'stripe');
const validators = new Map<string, ValidateFunction>();

/** Why Stripe would refuse these parameters, or null. The parameters are coerced from their text as Stripe does. */
export function refusedParameters(type: string, parameters: object): { code: string; message: string } | null {
  let validate = validators.get(type);
  if (!validate) {
    validate = ajv.compile(LISTS[type] ?? { $ref: `stripe#/definitions/${type}` });
    validators.set(type, validate);
  }
  if (validate(parameters)) return null;
  const error = validate.errors![0]!;
  const unknown = (error.params as { additionalProperty?: string }).additionalProperty;
  return unknown
    ? { code: 'parameter_unknown', message: `Received unknown parameter: ${unknown}` }
    : { code: 'parameter_invalid', message: `${error.instancePath}: ${error.message}` };
}
