/**
 * Why the product said no. Each interface owns one exhaustive table from kind to its own answer
 * (HTTP status, exit code); nothing else may translate a refusal.
 */
export type Refusal =
  'forbidden' | 'payment_required' | 'not_found' | 'conflict' | 'too_large' | 'too_many' | 'invalid' | 'unavailable';

export type Fact = string | number | boolean | null | readonly string[];

/** The numbers and names that were compared, in the field names of the public contract. */
export type Facts = Readonly<Record<string, Fact>>;

/** A refusal by the rules of the product: a public code, a kind and facts. Nothing ever parses the message. */
export abstract class DomainException extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly facts: Facts = {},
    readonly refusal: Refusal = 'forbidden',
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** A value that cannot mean anything: a negative duration, an unknown format. */
export class InvalidValue extends DomainException {
  constructor(code: string, message: string, facts: Facts = {}) {
    super(code, message, facts, 'invalid');
  }
}
