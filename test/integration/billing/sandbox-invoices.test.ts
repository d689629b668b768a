import { BillingWorld } from './billing-world.js';
import { pdfText } from '#test/support/pdf-text';

let world: BillingWorld;

beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world?.stop());

const listed = async (user: Parameters<BillingWorld['current']>[0]) => (await world.get(user, 'invoices')).body.data;

describe('an invoice of the sandbox', () => {
  it('says what it is for, over HTTP, on its page and as PDF', async () => {
    const user = await world.subscriber('student');
    const [invoice] = await listed(user);
    expect(invoice).toMatchObject({
      description: 'Student by the month',
      lines: [
        { description: 'Student by the month', amount: 999, is_proration: false, period_end: invoice.period_end },
      ],
      invoice_pdf: `${invoice.hosted_invoice_url}.pdf`,
    });
    const shown = await world.page(invoice.hosted_invoice_url);
    expect(shown.headers.get('Content-Security-Policy')).toContain(`default-src 'none'`);
    const page = await shown.text();
    for (const part of [
      invoice.number,
      'Student by the month: $9.99',
      'It is paid.',
      invoice.period_start.slice(0, 10),
    ]) {
      expect(page).toContain(part);
    }
    expect(page).not.toContain('<form');
    const file = await world.page(invoice.invoice_pdf);
    expect(file.headers.get('Content-Type')).toBe('application/pdf');
    const text = pdfText(Buffer.from(await file.arrayBuffer()));
    for (const part of [invoice.number, 'Student by the month', '$9.99']) expect(text).toContain(part);
  });

  it('of a change has a line for what is given back, and one for what is charged', async () => {
    const user = await world.subscriber('student');
    await world.post(user, 'subscription/change', { plan_id: 'pro', billing_cycle: 'month' });
    const [invoice] = await listed(user);
    expect(invoice.lines).toMatchObject([
      { description: 'Unused time of Student by the month', amount: -999, is_proration: true },
      { description: 'Pro by the month', amount: 2999, is_proration: true },
    ]);
    expect([invoice.amount_due, invoice.description]).toEqual([2000, 'Pro by the month']);
  });

  it('is found by nobody who guesses', async () => {
    const user = await world.subscriber('student');
    const [invoice] = await listed(user);
    const { pathname } = new URL(invoice.hosted_invoice_url);
    expect(pathname).toMatch(/_[0-9a-f]{32}$/);
    const guess = pathname.slice(0, -1) + (pathname.endsWith('0') ? '1' : '0');
    for (const path of [guess, `${guess}.pdf`, pathname.replace(/_[0-9a-f]{32}$/, ''), '/sandbox/invoices/in_1']) {
      expect((await world.page(path)).status).toBe(404);
    }
    expect((await world.page(`${guess}/pay`, 'POST')).status).toBe(404);
  });

  it('that is open is shown in the portal with what is due, and is paid on its page', async () => {
    const user = await world.subscriber('student');
    await world.deed(user, 'use-declining-card');
    await world.until(new Date((await world.current(user)).current_period_end));
    const portal = await (await world.page((await world.post(user, 'portal')).body.url)).text();
    expect(portal).toContain('$9.99 due.');
    const [open, paid] = await listed(user);
    for (const { number, hosted_invoice_url: url } of [open, paid]) {
      expect(portal).toContain(`<a href="${new URL(url).pathname}">${number}</a>`);
    }
    expect(await (await world.page(open.hosted_invoice_url)).text()).toContain('<button class="main">Pay</button>');
    const done = await world.page(`${open.hosted_invoice_url}/pay`, 'POST');
    expect([done.status, done.headers.get('Location')]).toEqual([303, new URL(open.hosted_invoice_url).pathname]);
    expect(await world.current(user)).toMatchObject({ status: 'active', grace_period_ends_at: null });
    expect((await listed(user))[0]).toMatchObject({ status: 'paid', amount_paid: 999, amount_remaining: 0 });
    expect(await (await world.page(open.hosted_invoice_url)).text()).toContain('It is paid.');
    await world.handled();
    // It is paid already: nothing is paid twice.
    await world.page(`${open.hosted_invoice_url}/pay`, 'POST');
    expect((await listed(user)).map(({ amount_paid: amount }: { amount_paid: number }) => amount)).toEqual([
      999, 999, 0,
    ]);
  });
});
