import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Response } from 'express';
import type { AnswerHead } from '#application/gateway/answer-sink';
import { Money } from '#domain/shared/money';
import { AnswerResponse } from '#interfaces/http/gateway/answer-response';

const HEAD: AnswerHead = {
  contentType: 'text/event-stream',
  streamed: true,
  provider: 'openai',
  model: 'gpt-4o-mini',
  requestedModel: 'gpt-4o-mini',
  simulated: false,
  strategy: 'quality_first',
  held: Money.zero,
  priceId: 'price-1',
  cost: null,
};
/** More than any system keeps for a reader. */
const MUCH = Buffer.alloc(64 * 1024 * 1024, 'x');

describe('what is written to an answer', () => {
  let server: Server;
  let reader: Socket;
  let response: ServerResponse;
  let sink: AnswerResponse;

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.pause();
    reader.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    sink = new AnswerResponse(response as Response, 'openai');
    sink.begin(HEAD);
  });
  afterEach(async () => {
    reader.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const listeners = (): number => response.listenerCount('drain') + response.listenerCount('close');

  it('is waited for until it is read', async () => {
    const before = listeners();
    const written = sink.write(MUCH);
    expect(written).toBeInstanceOf(Promise);
    reader.resume();
    await written;
    expect([response.writableNeedDrain, listeners()]).toEqual([false, before]);
  });

  it('is waited for no longer when the reader leaves', async () => {
    const before = listeners();
    const written = sink.write(MUCH);
    reader.destroy();
    await written;
    expect([response.destroyed, listeners()]).toEqual([true, before]);
  });

  it('comes with its length when it is whole, whatever type its provider gave it', async () => {
    sink.begin({ ...HEAD, streamed: false });
    response.removeHeader('Trailer');
    expect(sink.write('data: {}\n\n')).toBeNull();
    expect(response.headersSent).toBe(false);
    sink.end(Money.zero);
    let text = '';
    await new Promise<void>((resolve) => {
      reader.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.endsWith('data: {}\n\n')) resolve();
      });
      reader.resume();
    });
    expect(text).toMatch(
      /^HTTP\/1.1 200 [^]*content-type: text\/event-stream\r\n[^]*content-length: 10\r\n[^]*data: \{\}\n\n$/i,
    );
  });

  it('is not waited for at all once the reader has left', async () => {
    reader.destroy();
    await once(response, 'close');
    expect(sink.write(MUCH)).toBeNull();
    sink.end(Money.zero);
  });
});
