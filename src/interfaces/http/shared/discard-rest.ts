import type { IncomingMessage } from 'node:http';

/** How long a client that was refused may go on sending before it is cut off. */
const PATIENCE_MS = 10_000;

/**
 * A connection that is closed while bytes arrive is reset, and the answer is lost with it (RFC 9112 section 9.6). So the rest
 * is read and dropped, for a while; a client that is done by then keeps its connection.
 */
export function discardRest(request: IncomingMessage, patienceMs = PATIENCE_MS): void {
  if (request.readableEnded || request.destroyed) return;
  const { socket } = request;
  const cut = setTimeout(() => request.destroy(), patienceMs);
  // Once it was answered, a request is not told that its connection closed.
  const done = (): void => {
    clearTimeout(cut);
    socket.off('close', done);
  };
  request.once('close', done);
  socket.once('close', done);
  request.resume();
}
