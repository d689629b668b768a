import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answered, TestApp, TestUser } from '#test/support/app';

/** What a browser adds to a request of the page itself. */
export const OF_THE_PAGE = { 'Sec-Fetch-Site': 'same-origin' };

/** What the build of the page writes, in small. */
export function builtPage(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'minutebook-page-'));
  mkdirSync(join(directory, 'page-assets', 'inner.js'), { recursive: true });
  writeFileSync(join(directory, 'billing.html'), '<!doctype html><title>Billing</title>');
  writeFileSync(join(directory, 'admin.html'), '<!doctype html><title>Admin</title>');
  writeFileSync(join(directory, 'embed.js'), 'customElements;');
  writeFileSync(join(directory, 'page-assets', 'billing-Ab3_x-9z.js'), 'export {};');
  writeFileSync(join(directory, 'page-assets', 'page-Ab3_x-9z.css'), 'body { color: CanvasText }');
  writeFileSync(join(directory, 'page-assets', 'icon-Ab3_x-9z.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(directory, 'page-assets', 'notes.txt'), 'not for anybody');
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A browser with the page in it: signs in by links, and sends what it was given. */
export class PageVisitor {
  cookie: string | null = null;

  constructor(private readonly app: TestApp) {}

  /** A link's token, as the backend of the product asks for it. */
  async link(as: TestUser, wanted: object = {}): Promise<string> {
    const { status, body } = await this.app.call('POST', '/api/v1/billing/page-session', { as, body: wanted });
    expect(status).toBe(201);
    return body.token as string;
  }

  async open(token: string, headers: Readonly<Record<string, string>> = OF_THE_PAGE): Promise<Answered> {
    const answered = await this.app.call('POST', '/billing/session', { body: { token }, headers });
    const [set] = answered.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(';')[0]!;
    return answered;
  }

  ask(
    method: string,
    path: string,
    { body, headers = OF_THE_PAGE }: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answered> {
    return this.app.call(method, path, { body, headers: { ...(this.cookie && { Cookie: this.cookie }), ...headers } });
  }
}

/** `401 page_session_expired`. */
export function said({ status, body }: Answered): string {
  return `${status} ${body?.detail?.error ?? ''}`.trim();
}
