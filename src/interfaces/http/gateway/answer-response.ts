import type { Response } from 'express';
import type { Dialect, ProviderFault } from '#application/gateway/ai-provider';
import type { AnswerHead, AnswerSink } from '#application/gateway/answer-sink';
import type { Money } from '#domain/shared/money';
import { streamErrorEvent } from './gateway-problem.js';

/** Writes an answer to an HTTP response: whole, or event by event as it comes, no faster than the caller reads. */
export class AnswerResponse implements AnswerSink {
  private isStreamed = false;
  /** Of a whole answer, until it is sent. */
  private body: Uint8Array | string | null = null;
  private isBroken = false;

  constructor(
    private readonly response: Response,
    private readonly dialect: Dialect,
  ) {}

  begin(head: AnswerHead): void {
    const { response } = this;
    const { contentType, streamed, provider, model, requestedModel, simulated, strategy, held, priceId, cost } = head;
    this.isStreamed = streamed;
    if (response.destroyed || response.headersSent) return;
    response.statusCode = 200;
    response.setHeader('Content-Type', contentType);
    response.setHeader('X-Provider', provider);
    response.setHeader('X-Model', headerText(model));
    response.setHeader('X-Requested-Model', headerText(requestedModel));
    response.setHeader('X-Budget-Strategy', strategy);
    response.setHeader('X-Held-Micros', held.toNumber());
    response.setHeader('X-Price-Version', priceId);
    if (simulated) response.setHeader('X-Sandbox', 'true');
    if (cost !== null) response.setHeader('X-Cost-Micros', cost.toNumber());
    if (!streamed) return;
    // What a stream cost is known at its end: as a trailer (RFC 9110, 6.5).
    response.setHeader('Trailer', 'X-Cost-Micros');
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('X-Accel-Buffering', 'no');
  }

  write(piece: Uint8Array | string): Promise<void> | null {
    const { response } = this;
    if (!this.isStreamed) {
      this.body = piece;
      return null;
    }
    if (response.destroyed || response.write(piece)) return null;
    // Drained, or gone: somebody who left drains nothing any more.
    return new Promise((resolve) => {
      const go = (): void => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.on('drain', go).on('close', go);
    });
  }

  fail(fault: ProviderFault): void {
    this.isBroken = true;
    if (!this.response.destroyed) this.response.write(streamErrorEvent(fault, this.dialect));
  }

  end(cost: Money | null): void {
    const { response, body } = this;
    if (response.destroyed) return;
    if (body !== null) {
      response.setHeader('Content-Length', Buffer.byteLength(body));
      return void response.end(body);
    }
    // Who does not read what came before will not read the end of it either, and keeps a connection.
    if (this.isBroken && response.writableNeedDrain) return void response.destroy();
    if (cost !== null) response.addTrailers({ 'X-Cost-Micros': String(cost.toNumber()) });
    response.end();
  }
}

/** Names of models are checked when they are added; a header takes no more than this in any case. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
