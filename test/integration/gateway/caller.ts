import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { TestApp, TestUser } from '#test/support/app';

/** Somebody on a connection of their own, who can stop reading, or leave, at any moment. */
export class Caller {
  /** What has arrived so far of an answer that is read. */
  text = '';
  /** The answer's head. Rejects when the connection ends before. */
  readonly answered: Promise<IncomingMessage>;
  /** Resolves when nothing more can come, however it ended. */
  readonly closed: Promise<unknown>;
  /** Whether the answer came to its proper end. */
  isWhole = false;

  private constructor(private readonly request: ClientRequest) {
    this.answered = once(request, 'response').then(([response]) => response as IncomingMessage);
    // Who leaves first is not interested any more.
    this.answered.catch(() => undefined);
    request.on('error', () => undefined);
    this.closed = new Promise((resolve) => request.on('close', resolve));
  }

  static asks(app: TestApp, { key }: TestUser, body: unknown, { reads = true } = {}): Caller {
    const sent = Buffer.from(JSON.stringify(body));
    const headers = {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      'Content-Length': sent.length,
    };
    const asking = request(`${app.url}/v1/chat/completions`, { method: 'POST', agent: false, headers });
    const caller = new Caller(asking);
    if (reads) asking.on('response', (response) => caller.read(response));
    asking.end(sent);
    return caller;
  }

  leave(): void {
    this.request.destroy();
  }

  /** Calls back with everything that arrived so far, as it comes. */
  onText(tell: (text: string) => void): void {
    this.tell = tell;
  }

  private tell: (text: string) => void = () => undefined;

  private read(response: IncomingMessage): void {
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    response.on('end', () => (this.isWhole = response.complete));
    response.on('data', (piece: string) => {
      this.text += piece;
      this.tell(this.text);
    });
  }
}
