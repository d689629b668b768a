import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 32 random bytes fill 43 characters of base62; the CRC-32 of everything before it fills six. */
const SHAPE = /^(mb[a-z_]*_)[0-9A-Za-z]{49}$/;

/**
 * Secrets in the format that GitHub introduced for its tokens: a prefix that secret scanners find and a checksum that
 * tells a mistyped one from an unknown one without asking the database.
 */
export function mintSecret(prefix: string): string {
  const body = prefix + base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43);
  return body + checksum(body);
}

/** Whether `presented` could have been minted with one of these prefixes. */
export function isSecretOf(prefixes: readonly string[], presented: string): boolean {
  const prefix = SHAPE.exec(presented)?.[1];
  if (prefix === undefined || !prefixes.includes(prefix)) return false;
  return checksum(presented.slice(0, -6)) === presented.slice(-6);
}

/**
 * HMAC-SHA-256 under the installation's pepper: a fast hash is right for secrets of 256 random bits (OWASP ASVS 5.0, 11.4). Looking
 * a secret up by that hash compares in a time that says nothing about it, since nobody can steer what it hashes to.
 */
export function hashOfSecret(secret: string, pepper: string): string {
  return createHmac('sha256', pepper).update(secret).digest('base64url');
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), 6);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = ALPHABET[Number(rest % 62n)]! + text;
  return text;
}
