import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Posts `body` as it is produced and answers with what came back, whatever its status; redirects are not followed.
 * Throws AnswerLate when all of it took longer than `timeoutMs`, AnswerTooLarge, what `body` throws, or Node's own
 * error with its `code` when the network failed. It does not wait for a `body` that has stalled: end that yourself.
 *
 * Node's `fetch` is not used: it gives up after five minutes without headers, and a synchronous transcription of a
 * long recording takes longer. No connection is kept for reuse: one that the server closed meanwhile would lose the
 * request, and these are rare and long.
 */
export async function postStream(
  url: URL,
  headers: OutgoingHttpHeaders,
  body: AsyncIterable<Buffer>,
  limits: { readonly timeoutMs: number; readonly answerBytes: number },
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  const { request: open } = url.protocol === 'https:' ? https : http;
  const request = open(url, { method: 'POST', headers, agent: false, signal });
  const answering = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  const uploading = pipeline(body, request);
  // Its failure is thrown by the race below, unless an answer came first; then nobody asks any more.
  uploading.catch(() => undefined);
  try {
    // A server may refuse before it has read everything: its answer counts, not the upload that it cuts short.
    const response = await Promise.race([answering, uploading.then(() => answering)]);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await textOf(response, limits.answerBytes),
    };
  } catch (error) {
    throw signal.aborted ? new AnswerLate(limits.timeoutMs) : error;
  } finally {
    request.destroy();
  }
}

export class AnswerLate extends Error {
  constructor(timeoutMs: number) {
    super(`No complete answer within ${timeoutMs / 1000} s.`);
    this.name = 'AnswerLate';
  }
}

export class AnswerTooLarge extends Error {
  constructor(readonly limitBytes: number) {
    super(`The answer has more than ${limitBytes} bytes.`);
    this.name = 'AnswerTooLarge';
  }
}

async function textOf(response: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new AnswerTooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
