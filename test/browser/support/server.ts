import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServed, type Served } from '../../../scripts/served.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface BrowserUser {
  readonly id: string;
  readonly email: string;
  readonly key: string;
}

/** The built product, running, with sandbox payments, and an operator's key to it. */
export class TestServer {
  private constructor(private readonly served: Served) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
    return new TestServer(await startServed(settings));
  }

  get url(): string {
    return this.served.baseUrl;
  }

  get adminKey(): string {
    return this.served.keys.admin!;
  }

  async stop(): Promise<void> {
    await this.served.stop();
    await this.served.remove();
  }

  /** A user of its own for each test, so that none depends on another. */
  async newUser(plan = 'free'): Promise<BrowserUser> {
    const email = `${randomUUID()}@example.test`;
    const user = await this.call<{ id: string }>('POST', '/api/v1/admin/users', this.adminKey, {
      email,
      name: 'Ada Byron',
      plan,
      reason: 'browser test',
    });
    const { key } = await this.call<{ key: string }>('POST', `/api/v1/admin/users/${user.id}/devices`, this.adminKey, {
      name: 'laptop',
      reason: 'browser test',
    });
    return { id: user.id, email, key };
  }

  /** Asks the API as somebody, and insists on success. */
  async call<T>(method: string, path: string, key: string, body?: object): Promise<T> {
    const { status, answer } = await this.ask(method, path, key, body);
    if (status >= 400) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer as T;
  }

  async ask(method: string, path: string, key: string, body?: object): Promise<{ status: number; answer: unknown }> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    return { status: response.status, answer: text === '' ? null : JSON.parse(text) };
  }

  /** The button of one of the sandbox's pages, where no browser is needed for it. */
  async press(url: string): Promise<void> {
    const response = await fetch(url, { method: 'POST', redirect: 'manual' });
    if (response.status !== 303) throw new Error(`POST ${url} answered ${response.status}: ${await response.text()}`);
  }

  /** The address that a product's backend sends its user to: made with a key of its own, for that user. */
  async pageOf(user: BrowserUser, more: object = {}): Promise<string> {
    const { url } = await this.call<{ url: string }>('POST', '/api/v1/billing/page-session', this.adminKey, {
      user_id: user.id,
      ...more,
    });
    return url;
  }

  /** The address of the operators' page. */
  async adminPage(): Promise<string> {
    const { url } = await this.call<{ url: string }>('POST', '/api/v1/billing/page-session', this.adminKey, {
      scope: 'admin',
    });
    return url;
  }

  /** The operator's command line, beside the running server. */
  async cli(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/src/admin.js', ...args], {
      cwd: root,
      env: this.served.env,
    });
    return stdout;
  }
}
