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
    expect(said(await visitor.ask('GET', '/api/v1/me'))).toBe('200');
    expect(said(await visitor.ask('DELETE', '/billing/session', { headers: OF_THE_PAGE }))).toBe('204');
  });
});
