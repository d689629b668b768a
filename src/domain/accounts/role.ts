import { InvalidValue } from '../shared/domain-exception.js';

/** `user` uses the product; `admin` also operates it. */
export const ROLES = ['user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The role that `text` names. Throws InvalidValue `unknown_role`. */
export function role(text: string): Role {
  const found = ROLES.find((name) => name === text.trim().toLowerCase());
  if (!found) {
    throw new InvalidValue('unknown_role', `There is no role "${text}". Roles are ${ROLES.join(', ')}.`, {
      role: text,
      supported: ROLES,
    });
  }
  return found;
}
