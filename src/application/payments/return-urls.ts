import { DomainException } from '#domain/shared/domain-exception';
import type { CheckoutSettings } from './checkout-settings.js';

/** The address as it was given, if it leads to an origin that buyers may be sent back to. Throws ReturnUrlNotAllowed. */
export function allowedReturnUrl(url: string, { publicUrl, allowedOrigins }: CheckoutSettings): string {
  const origins = [new URL(publicUrl).origin, ...allowedOrigins];
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !origins.includes(parsed.origin) || !leadsWhereItSays(url, parsed)) {
    throw new ReturnUrlNotAllowed(url, origins);
  }
  return url;
}

/**
 * A `blob:` address has the origin of the page that made it. A user name would be shown to the buyer as if it were the host. And
 * of backslashes, blanks and control characters, every reader of addresses makes something else.
 */
function leadsWhereItSays(url: string, { protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '' && /^[^\\\s\p{Cc}]+$/u.test(url);
}

/** A checkout sends buyers on; it must not be made to send them anywhere. */
export class ReturnUrlNotAllowed extends DomainException {
  constructor(url: string, allowed: readonly string[]) {
    super(
      'return_url_not_allowed',
      `Buyers can be sent back to these origins alone: ${allowed.join(', ')}. Others are allowed with ALLOWED_ORIGINS.`,
      { url, allowed },
      'invalid',
    );
  }
}
