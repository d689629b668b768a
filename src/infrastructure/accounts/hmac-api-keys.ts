import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { injectable } from 'inversify';
import type { ApiKeys, MintedKey } from '#application/accounts/api-keys';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 32 random bytes fill 43 characters of base62; the CRC-32 of everything before it fills six. */
const SHAPE = /^mb_(?:live|test)_[0-9A-Za-z]{49}$/;

export class ApiKeySettings {
  constructor(
    /** Secret of the installation; without it the stored hashes are useless. */
    readonly pepper: string,
    readonly environment: 'live' | 'test',
  ) {}
}

/**
 * Keys in the format that GitHub introduced for its tokens: a prefix that secret scanners find and a checksum that
 * tells a mistyped key from an unknown one without asking the database. Stored as HMAC-SHA-256 under the pepper: a fast
 * hash is right for secrets of 256 random bits (OWASP ASVS 5.0, 11.4). Looking a key up by that hash compares in a
 * time that says nothing about the key, since nobody can steer what it hashes to.
 */
@injectable()
export class HmacApiKeys implements ApiKeys {
  constructor(private readonly settings: ApiKeySettings) {}

  mint(): MintedKey {
    const prefix = `mb_${this.settings.environment}_`;
    const body = prefix + base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43);
    const secret = body + checksum(body);
    return { secret, hash: this.hash(secret), prefix, lastFour: secret.slice(-4) };
  }

  hashOf(presented: string): string | null {
    if (!SHAPE.test(presented)) return null;
    if (checksum(presented.slice(0, -6)) !== presented.slice(-6)) return null;
    return this.hash(presented);
  }

  private hash(secret: string): string {
    return createHmac('sha256', this.settings.pepper).update(secret).digest('base64url');
  }
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), 6);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = ALPHABET[Number(rest % 62n)]! + text;
  return text;
}
