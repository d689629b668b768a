import { request } from 'node:http';
import { PageSettings } from '#interfaces/http/page/page-settings';
import { TestApp } from '#test/support/app';
import { builtPage, said } from './page-visitor.js';

const built = builtPage();
afterAll(() => built.remove());

/** As it stands: `fetch` would tidy up the path first. */
function raw(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'GET' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    })
      .on('error', reject)
      .end();
  });
}

describe('The built page', () => {
  let app: TestApp;
  beforeAll(async () => {
    const parents = ['https://app.example.com', 'https://web.telegram.org'];
    app = await TestApp.start({ page: new PageSettings('http://minutebook.test', parents, built.directory) });
  });
  afterAll(() => app?.stop());

  const policyOf = (headers: Headers): string => headers.get('Content-Security-Policy')!;

  it('is shown at /billing, without anything inline or from elsewhere, in the frames of the allowed parents', async () => {
    const { status, headers, body } = await app.call('GET', '/billing');
    expect([status, body]).toEqual([200, '<!doctype html><title>Billing</title>']);
    expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(headers.get('Cache-Control')).toBe('no-cache');
    expect(policyOf(headers)).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "manifest-src 'none'; base-uri 'none'; form-action 'none'; " +
        'frame-ancestors https://app.example.com https://web.telegram.org',
    );
    expect(headers.get('X-Frame-Options')).toBeNull();
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it('is shown to operators at /admin, in no frame', async () => {
    const { headers, body } = await app.call('GET', '/admin');
    expect(body).toContain('Admin');
    expect(policyOf(headers)).toContain("frame-ancestors 'none'");
    expect(headers.get('X-Frame-Options')).toBe('SAMEORIGIN');
  });

  it.each(['/billing', '/admin', '/embed.js'])('sends %s again only when it changed', async (path) => {
    const { headers } = await app.call('GET', path);
    const tag = headers.get('ETag')!;
    const again = await app.call('GET', path, { headers: { 'If-None-Match': `"other", W/${tag}` } });
    expect([again.status, again.body, again.headers.get('ETag')]).toEqual([304, '', tag]);
    expect((await app.call('GET', path, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
    expect((await app.call('HEAD', path)).headers.get('ETag')).toBe(tag);
  });

  it('gives the script that embeds it to pages of every origin', async () => {
    const { headers, body } = await app.call('GET', '/embed.js');
    expect([body, headers.get('Content-Type')]).toEqual(['customElements;', 'text/javascript; charset=utf-8']);
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin');
    expect(headers.get('Cache-Control')).toBe('no-cache');
  });

  it.each([
    ['billing-Ab3_x-9z.js', 'text/javascript; charset=utf-8'],
    ['page-Ab3_x-9z.css', 'text/css; charset=utf-8'],
    ['icon-Ab3_x-9z.svg', 'image/svg+xml'],
  ])('lets %s be kept for ever', async (name, type) => {
    const { status, headers } = await app.call('GET', `/page-assets/${name}`);
    expect([status, headers.get('Content-Type')]).toEqual([200, type]);
    expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
  });

  it.each([
    '/page-assets/',
    '/page-assets/billing.html',
    '/page-assets/notes.txt',
    '/page-assets/inner.js',
    '/page-assets/../billing.html',
    '/page-assets/..%2fbilling.html',
    '/page-assets/..%5cbilling.html',
    '/page-assets/%2e%2e/billing.html',
    '/page-assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/page-assets/....//billing.html',
    '/page-assets/billing-Ab3_x-9z.js%00',
    '/page-assets/__proto__',
    '/page-assets/constructor',
    '/billing.html',
  ])('has nothing at %s', async (path) => {
    expect(await raw(app.url, path)).toBe(404);
  });

  it('answers an address that cannot be decoded with 400', async () => {
    expect(await raw(app.url, '/page-assets/%E0%A4%A')).toBe(400);
  });

  it.each([
    ['/billing/', '../billing'],
    ['/billing/?checkout=done&x=%2F', '../billing?checkout=done&x=%2F'],
    ['/admin/', '../admin'],
  ])('leads from %s to the one address of the page', async (path, location) => {
    const response = await fetch(app.url + path, { redirect: 'manual' });
    expect([response.status, response.headers.get('Location')]).toEqual([308, location]);
    expect(new URL(location, app.url + path).pathname).not.toMatch(/\/$/);
  });

  it('names the parents to the page, which talks to nobody else', async () => {
    const { body } = await app.call('GET', '/api/v1/billing/page', { as: await app.user() });
    expect(body).toMatchObject({
      scope: 'billing',
      expires_at: null,
      embed_origins: ['https://app.example.com', 'https://web.telegram.org'],
    });
  });
});

describe('A page that was not built', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ page: new PageSettings('http://minutebook.test', [], `${built.directory}/nowhere`) });
  });
  afterAll(() => app?.stop());

  it.each(['/billing', '/admin', '/embed.js'])('says so at %s, and how it is built', async (path) => {
    const { status, headers, body } = await app.call('GET', path);
    expect([status, headers.get('Content-Type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(body).toContain('npm run build');
    expect(headers.get('ETag')).toBeNull();
  });

  it('leaves the API as it is', async () => {
    expect(said(await app.call('GET', '/page-assets/a.js'))).toBe('404 route_not_found');
    expect(said(await app.call('GET', '/api/v1/me', { as: await app.user() }))).toBe('200');
  });
});
