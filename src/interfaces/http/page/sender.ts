import type { Request } from 'express';
import { HttpProblem } from '../shared/problem.js';

/** `unknown`: no browser says where it comes from, so it is a program, an old browser, or an address that a person typed. */
type Sender = 'page' | 'elsewhere' | 'unknown';

/** By what the browser says of it, which no script can forge (https://www.w3.org/TR/fetch-metadata/, RFC 6454 section 7). */
function senderOf(request: Request, publicUrl: string): Sender {
  const site = request.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin' ? 'page' : site === 'none' ? 'unknown' : 'elsewhere';
  const origin = request.get('Origin');
  if (origin === undefined) return 'unknown';
  const own = new URL(publicUrl);
  // Under the plain address of an encrypted service anybody on the way could have answered with a page.
  const alsoReached = own.protocol === 'https:' ? own.origin : `${request.protocol}://${request.get('Host')}`;
  return origin === own.origin || origin === alsoReached ? 'page' : 'elsewhere';
}

/**
 * A cookie comes along whoever sends the request: what changes something must be known to come from the page itself, and what only
 * reads must not be known to come from another. Throws 403 `cross_site_request`.
 */
export function mustComeFromPage(request: Request, publicUrl: string): void {
  const sender = senderOf(request, publicUrl);
  if (sender === 'page' || (sender === 'unknown' && ['GET', 'HEAD'].includes(request.method))) return;
  throw crossSite(request);
}

/** Of what brings its own secret: signing in must not be done to somebody by another site. Throws 403 `cross_site_request`. */
export function mustNotComeFromElsewhere(request: Request, publicUrl: string): void {
  if (senderOf(request, publicUrl) === 'elsewhere') throw crossSite(request);
}

function crossSite(request: Request): HttpProblem {
  return new HttpProblem(
    403,
    'cross_site_request',
    'A sign-in by cookie is for requests of the billing page itself: with "Sec-Fetch-Site: same-origin", or with the Origin of ' +
      'this service. Anything else sends "Authorization: Bearer <key>" instead.',
    { sec_fetch_site: request.get('Sec-Fetch-Site') ?? null, origin: request.get('Origin') ?? null },
  );
}
