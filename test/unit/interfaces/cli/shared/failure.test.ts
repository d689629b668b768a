import { DomainException, type Refusal } from '#domain/shared/domain-exception';
import { failureOf } from '#interfaces/cli/shared/failure';

class Refused extends DomainException {
  constructor(refusal: Refusal) {
    super('some_code', 'A sentence.', { limit: 10 }, refusal);
  }
}

describe('A refusal on the command line', () => {
  it.each<[Refusal, number]>([
    ['forbidden', 77],
    ['payment_required', 77],
    ['not_found', 66],
    ['conflict', 73],
    ['too_large', 77],
    ['too_many', 69],
    ['invalid', 64],
    ['unavailable', 69],
  ])('of the kind %s ends with %i, its code and its facts', (refusal, exitCode) => {
    expect(failureOf(new Refused(refusal))).toMatchObject({
      exitCode,
      code: 'some_code',
      message: 'A sentence.',
      facts: { limit: 10 },
    });
  });

  it('is told from a fault, which ends with 70', () => {
    expect(failureOf(new TypeError('undefined is not a function'))).toMatchObject({ exitCode: 70, code: 'fault' });
    expect(failureOf('thrown without an error').message).toBe('thrown without an error');
  });
});
