import { findId } from '#domain/shared/id';

describe('an id', () => {
  it('is a UUID, in lower case whatever its case was', () => {
    expect(findId('0197A000-0000-7000-8000-00000000ABCD')).toBe('0197a000-0000-7000-8000-00000000abcd');
  });

  it.each([
    '',
    'x',
    '0197a000-0000-7000-8000-00000000abc',
    '0197a000-0000-7000-8000-00000000abcde',
    ' 0197a000-0000-7000-8000-00000000abcd',
    null,
    undefined,
    7,
    ['0197a000-0000-7000-8000-00000000abcd'],
  ])('%p spells none', (text) => expect(findId(text)).toBeNull());
});
