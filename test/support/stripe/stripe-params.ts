import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Json } from './stripe-bank.js';
import { StripeRefusal } from './stripe-refusal.js';

const schemas = JSON.parse(
  readFileSync(join(process.cwd(), 'test/support/stripe/params.schema.json'), 'utf8'),
) as object;

const text = { type: 'string' };
const integer = { type: 'integer' };
const only = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const expand = { expand: { type: 'array', items: text } };
const listed = {
  limit: { type: 'integer', minimum: 1, maximum: 100 },
  starting_after: text,
  ending_before: text,
  created: { anyOf: [integer, only({ gt: integer, gte: integer, lt: integer, lte: integer })] },
  ...expand,
};

/** After stripe-node's SessionListParams, RefundListParams, DisputeListParams, EventListParams and the retrieve parameters. */
const BY_HAND = {
  SessionList: only({
    ...listed,
    customer: text,
    payment_intent: text,
    payment_link: text,
    subscription: text,
    status: { enum: ['open', 'complete', 'expired'] },
  }),
  RefundList: only({ ...listed, charge: text, payment_intent: text }),
  DisputeList: only({ ...listed, charge: text, payment_intent: text }),
  EventList: only({ ...listed, type: text, types: { type: 'array', items: text } }),
  IntentRetrieve: only({ ...expand, client_secret: text }),
  Retrieve: only(expand),
};

/** Types of stripe-node, as they are in the schema. */
type Generated =
  | 'CheckoutCreate'
  | 'CustomerCreate'
  | 'InvoiceList'
  | 'InvoicePaymentList'
  | 'InvoicePreview'
  | 'PortalCreate'
  | 'ScheduleCreate'
  | 'ScheduleRelease'
  | 'ScheduleUpdate'
  | 'SubscriptionCancel'
  | 'SubscriptionList'
  | 'SubscriptionUpdate';

export type Params = keyof typeof BY_HAND | Generated;

const ajv = new Ajv({ coerceTypes: 'array', allErrors: false, strict: false });
ajv.addSchema(schemas, 'stripe');
const validators = new Map<Params, ValidateFunction>();

/** The parameters, coerced in place from their text, as Stripe does. What Stripe would refuse of them throws {@link StripeRefusal}. */
export function checked(type: Params, params: Json): Json {
  let validate = validators.get(type);
  if (!validate) {
    const byHand = (BY_HAND as Readonly<Record<string, object>>)[type];
    validate = ajv.compile(byHand ?? { $ref: `stripe#/definitions/${type}` });
    validators.set(type, validate);
  }
  if (validate(params)) return params;
  const errors = validate.errors!;
  // Of the branches of a union the one that understood most tells most.
  throw refusal(errors.find(({ keyword }) => keyword === 'additionalProperties') ?? errors[0]!);
}

interface Facts {
  readonly additionalProperty?: string;
  readonly missingProperty?: string;
  readonly type?: string;
  readonly allowedValues?: readonly string[];
}

function refusal({ instancePath, keyword, params, message }: ErrorObject): StripeRefusal {
  const facts = params as Facts;
  const param = named(instancePath, facts.additionalProperty ?? facts.missingProperty);
  switch (keyword) {
    case 'additionalProperties':
      return new StripeRefusal(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
    case 'required':
      return new StripeRefusal(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
    case 'enum':
      return new StripeRefusal(`Invalid ${param}: must be one of ${facts.allowedValues!.join(', ')}`, { param });
    case 'type':
      return facts.type === 'integer' || facts.type === 'number'
        ? new StripeRefusal(`Invalid integer: ${param}`, { code: 'parameter_invalid_integer', param })
        : new StripeRefusal(`Invalid ${facts.type}: ${param}`, { param });
    default:
      return new StripeRefusal(`Invalid ${param}: ${message}`, { param });
  }
}

/** `/line_items/0/price_data` as Stripe writes it: `line_items[0][price_data]`. */
function named(instancePath: string, last: string | undefined): string {
  const [first = '', ...others] = [...instancePath.split('/').slice(1), ...(last === undefined ? [] : [last])];
  return first + others.map((name) => `[${name}]`).join('');
}
