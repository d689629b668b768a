import { CheckoutSettings } from '#application/payments/checkout-settings';
import { TestApp } from '#test/support/app';
import { OF_THE_PAGE, PageVisitor, said } from './page-visitor.js';

describe('The cookie of the billing page where PUBLIC_URL is https', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ checkout: new CheckoutSettings('https://billing.example.com', []) });
  });
  afterAll(() => app?.stop());

  it('is bound to this host and to encrypted connections, and works', async () => {
    const visitor = new PageVisitor(app);
    const { headers } = await visitor.open(await visitor.link(await app.user()));
    const [cookie] = headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-minutebook=mbs_[0-9A-Za-z]{49}; Max-Age=3(600|599); Path=\/; /);
    expect(cookie!.split('; ').slice(4)).toEqual(['HttpOnly', 'Secure', 'SameSite=Strict']);
    expect(cookie).not.toContain('Domain');
    expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('200');
    expect(said(await visitor.ask('DELETE', '/billing/session', { headers: OF_THE_PAGE }))).toBe('204');
  });

  it('is taken from its own origin alone when nothing but that tells where a request comes from', async () => {
    const visitor = new PageVisitor(app);
    await visitor.open(await visitor.link(await app.user('pro')));
    const from = async (origin: string) =>
      said(await visitor.ask('POST', '/api/v1/devices', { body: { name: origin }, headers: { Origin: origin } }));
    expect(await from('https://billing.example.com')).toBe('201');
    expect(await from('http://billing.example.com')).toBe('403 cross_site_request');
    expect(await from(app.url)).toBe('403 cross_site_request');
  });
});
