import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestApp } from '#test/support/app';

/** Node tells of every request that a server of this process begins to serve. */
const STARTED = channel('http.server.request.start');

/** The application's own side of its answers: what it knows of a caller that left, and when. */
export class ServedResponses {
  readonly all: ServerResponse[] = [];
  private readonly port: number;

  constructor(app: TestApp) {
    this.port = Number(new URL(app.url).port);
    STARTED.subscribe(this.notice);
  }

  /** The one that was begun last. */
  get last(): ServerResponse {
    return this.all.at(-1)!;
  }

  /** Resolves once the application knows that its last caller is gone. */
  async lastIsClosed(): Promise<void> {
    if (!this.last.closed) await once(this.last, 'close');
  }

  forget(): void {
    STARTED.unsubscribe(this.notice);
  }

  private readonly notice = (message: unknown): void => {
    const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
    if (request.socket.localPort === this.port) this.all.push(response);
  };
}
