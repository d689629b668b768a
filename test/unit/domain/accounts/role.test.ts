import { role } from '#domain/accounts/role';
import { InvalidValue } from '#domain/shared/domain-exception';

describe('a role', () => {
  it.each([
    ['admin', 'admin'],
    [' Admin ', 'admin'],
    ['USER', 'user'],
  ])('%j is %s', (text, expected) => {
    expect(role(text)).toBe(expected);
  });

  it.each(['', 'root', 'superadmin', 'constructor'])('%j is refused with what there is', (text) => {
    expect(() => role(text)).toThrow(InvalidValue);
    expect(() => role(text)).toThrow(
      expect.objectContaining({ code: 'unknown_role', facts: { role: text, supported: ['user', 'admin'] } }),
    );
  });
});
