import { Router, type Request } from 'express';
import type { Clock } from '#application/ports/clock';
import { UploadTooLarge, type UploadReceiver } from '#application/sessions/upload-receiver';
import { discardRest } from '../shared/discard-rest.js';

/** An upload over a slow line may take its time; one that stands still gives the connection back. */
const LONGEST_SILENCE_MS = 60_000;

/**
 * `PUT /uploads/<key>?expires=&max_bytes=&signature=`: the receiving end of a signed upload address. It takes the bytes as
 * they come, so it must stand before anything that reads bodies. The address is the authorization; nobody need be known.
 */
export function uploadRoutes(storage: UploadReceiver, clock: Clock, patienceMs?: number): Router {
  return Router().put('/uploads/*key', async (request, response, next) => {
    response.locals.route = '/uploads/*key';
    request.setTimeout(LONGEST_SILENCE_MS);
    try {
      const { key, maxBytes } = verified(request, storage, clock.now());
      // A body without this header, sent in pieces, is counted as it comes.
      if (Number(request.get('Content-Length') ?? 0) > maxBytes) throw new UploadTooLarge(maxBytes);
      response.status(201).json({ received_bytes: await storage.receive(key, maxBytes, request) });
    } catch (error) {
      // The client is gone: nobody is left to answer, and nothing went wrong here.
      if (request.destroyed && !request.complete) return;
      discardRest(request, patienceMs);
      next(error);
    }
  });
}

function verified(request: Request, storage: UploadReceiver, now: Date): { key: string; maxBytes: number } {
  const key = (request.params.key as unknown as readonly string[]).join('/');
  const maxBytes = wholeNumber(request.query.max_bytes);
  const signature = typeof request.query.signature === 'string' ? request.query.signature : '';
  storage.verify(
    { method: request.method, key, expires: wholeNumber(request.query.expires), maxBytes, signature },
    now,
  );
  return { key, maxBytes };
}

/** Only the spelling that was signed: `1e3`, `+1` and ` 1` are no numbers here. */
function wholeNumber(text: unknown): number {
  return typeof text === 'string' && /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
}
