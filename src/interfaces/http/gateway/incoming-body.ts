import type { IncomingMessage } from 'node:http';
import { discardRest } from '../shared/discard-rest.js';
import { HttpProblem } from '../shared/problem.js';
import type { BodyShare } from './body-room.js';

/** As long as Node itself gives a request by default (https://nodejs.org/api/http.html#serverrequesttimeout). */
const LONGEST_MS = 5 * 60_000;

/** How a body may be, and where it is counted. */
export interface Intake {
  readonly share: BodyShare;
  readonly mostBytes: number;
  /** What a longer one is refused with. */
  readonly tooLong: () => HttpProblem;
  /** Ends the reading, with its reason; null where nothing does. */
  readonly stopped: AbortSignal | null;
}

/**
 * Gives what arrives to `take`, piece by piece, until the body is whole. Rejects with whatever refuses it: HttpProblem 400 (cut
 * off), 408, 415 (packed), `tooLong`, what the share throws, what `take` throws, the reason of `stopped`. What is still on its
 * way then is dropped, so that the answer can be read.
 */
export function received(
  request: IncomingMessage,
  { share, mostBytes, tooLong, stopped }: Intake,
  take: (piece: Buffer) => void,
): Promise<void> {
  mustBePlain(request);
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > mostBytes) throw tooLong();
  share.mustFit(declared);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const isOver = (error: Error | null): void => {
      clearTimeout(late);
      request.off('data', onPiece).off('end', onEnd).off('close', onClose);
      stopped?.removeEventListener('abort', onStop);
      if (error === null) return resolve();
      discardRest(request);
      reject(error);
    };
    const onPiece = (piece: Buffer): void => {
      try {
        bytes += piece.length;
        if (bytes > mostBytes) throw tooLong();
        share.take(piece.length);
        take(piece);
      } catch (error) {
        isOver(error as Error);
      }
    };
    const onEnd = (): void => isOver(null);
    const onClose = (): void => isOver(cutOff());
    const onStop = (): void => isOver(stopped!.reason as Error);
    const late = setTimeout(() => isOver(tooSlow()), LONGEST_MS);
    // A connection that breaks says so here, too; that it is closed is what counts.
    request.on('error', () => undefined);
    if (request.destroyed) return onClose();
    request.on('data', onPiece).on('end', onEnd).on('close', onClose);
    stopped?.addEventListener('abort', onStop);
  });
}

/** What unpacks to a thousand times its length is not worth the few bytes that the others save; no official client packs. */
function mustBePlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  const message = 'Send the body uncompressed: no Content-Encoding is unpacked here.';
  throw new HttpProblem(
    415,
    'unsupported_encoding',
    message,
    { content_encoding: encoding },
    { 'Accept-Encoding': 'identity' },
  );
}

function cutOff(): HttpProblem {
  return new HttpProblem(400, 'incomplete_body', 'The body ended before it was complete.');
}

function tooSlow(): HttpProblem {
  const message = `The body must arrive within ${LONGEST_MS / 1000} s.`;
  return new HttpProblem(408, 'body_timeout', message, { allowed_seconds: LONGEST_MS / 1000 });
}
