import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type Value = { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean };
type Attributes = readonly { readonly key: string; readonly value: Value }[];

/** A span as OTLP has it in JSON: https://github.com/open-telemetry/opentelemetry-proto, `trace.proto`. */
interface WrittenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface Written {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly { readonly spans: readonly WrittenSpan[] }[];
  }[];
}

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface CollectedPost {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** An OpenTelemetry collector that takes OTLP in JSON over HTTP, and keeps what it took. */
export class Collector {
  readonly posts: CollectedPost[] = [];
  readonly spans: CollectedSpan[] = [];

  private constructor(
    readonly endpoint: string,
    readonly close: () => Promise<void>,
  ) {}

  /** Answers with `status` to everything, or not at all. */
  static async start(status: number | null = 200): Promise<Collector> {
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        collector.posts.push({ path: request.url ?? '', headers: request.headers });
        collector.spans.push(...spansOf(body as Written));
        if (status !== null) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const collector = new Collector(`http://127.0.0.1:${port}`, async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    });
    return collector;
  }

  span(name: string): CollectedSpan {
    const span = this.spans.find((one) => one.name === name);
    if (!span) throw new Error(`No span ${name} among ${this.spans.map((one) => one.name).join(', ')}.`);
    return span;
  }
}

function spansOf({ resourceSpans }: Written): readonly CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        ...span,
        parentSpanId: span.parentSpanId || null,
        attributes: read(span.attributes),
        events: span.events.map((event) => ({ name: event.name, attributes: read(event.attributes) })),
        resource: read(resource.attributes),
      })),
  );
}

function read(attributes: Attributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
