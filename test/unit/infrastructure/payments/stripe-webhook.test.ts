import { Stripe } from 'stripe';
import { WebhookRefused } from '#application/payments/payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeWebhook } from '#infrastructure/payments/stripe-webhook';
import { StripeBank } from '#test/support/stripe/stripe-bank';
import { StripeDouble } from '#test/support/stripe/stripe-double';

const NOW = new Date('2026-11-21T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const [CURRENT, PREVIOUS, RETIRED] = ['whsec_current_1', 'whsec_previous_1', 'whsec_retired_1'];
const webhook = new StripeWebhook(new StripeSettings('sk_test_x', [CURRENT, PREVIOUS], null));
const event = new StripeBank().event(
  'checkout.session.completed',
  { object: 'checkout.session', id: 'cs_test_1' },
  'current',
);
const { body, header } = StripeDouble.signed(event, CURRENT, SECONDS);
const accepted = (text: string, signature: string | undefined, by = webhook) =>
  by.verify(Buffer.from(text), signature, NOW);

describe('a message of Stripe', () => {
  it('is taken when it is signed with a secret that is valid now', () => {
    expect(accepted(body, header)).toMatchObject({
      id: event.id,
      type: 'checkout.session.completed',
      gateway: 'stripe-test',
      apiVersion: '2026-10-28.endive',
      live: false,
    });
  });

  it('is taken when it is signed with the secret that is being rotated out', () => {
    expect(accepted(body, StripeDouble.signed(event, PREVIOUS, SECONDS).header).id).toBe(event.id);
  });

  it('of the live mode is kept under the name of the live mode', () => {
    const live = StripeDouble.signed({ ...event, livemode: true }, CURRENT, SECONDS);
    expect(accepted(live.body, live.header).gateway).toBe('stripe-live');
  });

  it.each([299, -299])('is taken %i seconds after it was signed', (age) => {
    const signed = StripeDouble.signed(event, CURRENT, SECONDS - age);
    expect(accepted(signed.body, signed.header).id).toBe(event.id);
  });
});

const signedWith = (secret: string, timestamp = SECONDS): string =>
  StripeDouble.signed(event, secret, timestamp).header;
const v0 = Stripe.webhooks.generateTestHeaderString({
  payload: body,
  secret: CURRENT,
  timestamp: SECONDS,
  scheme: 'v0',
});

describe('a forgery', () => {
  it.each<[string, string, string | undefined]>([
    ['without a signature', body, undefined],
    ['with an empty signature', body, ''],
    ['with a signature of nonsense', body, 'nonsense'],
    ['with one byte changed', body.replace('cs_test_1', 'cs_test_2'), header],
    ['written anew by a JSON parser', JSON.stringify(JSON.parse(body), null, 2), header],
    ['signed with a secret of somebody else', body, signedWith('whsec_stranger')],
    ['signed with a secret that was retired', body, signedWith(RETIRED)],
    ['signed in the scheme v0 alone', body, v0],
    ['ten minutes old', body, signedWith(CURRENT, SECONDS - 600)],
    ['301 seconds old', body, signedWith(CURRENT, SECONDS - 301)],
    ['301 seconds from the future', body, signedWith(CURRENT, SECONDS + 301)],
    ['an hour from the future', body, signedWith(CURRENT, SECONDS + 3600)],
    [
      'with a fresh time put before an old signature',
      body,
      `t=${SECONDS},${signedWith(CURRENT, SECONDS - 600).split(',')[1]}`,
    ],
    ['with two times', body, `${signedWith(CURRENT, SECONDS - 600)},t=${SECONDS}`],
    ['without a time', body, header.split(',')[1]],
    ['with an empty body', '', header],
    // The library ignores it, so that the signature still fits.
    ['with a byte order mark put before it', `\uFEFF${body}`, header],
  ])('%s is refused', (_, text, signature) => {
    expect(() => accepted(text, signature)).toThrow(WebhookRefused);
  });

  it('of a megabyte is refused', () => {
    expect(() => accepted('x'.repeat(1 << 20), header)).toThrow(WebhookRefused);
  });

  it.each([
    ['none is', []],
    ['an empty one is', ['']],
    ['a blank one is', [' ']],
  ])('signed with an empty secret is refused when %s configured', (_, secrets) => {
    const open = new StripeWebhook(new StripeSettings('sk_test_x', secrets, null));
    for (const secret of ['', ' ']) expect(() => accepted(body, signedWith(secret), open)).toThrow(WebhookRefused);
    expect(() => accepted(body, header, open)).toThrow(WebhookRefused);
  });

  it.each(['no json', '[]', '{"object":"list"}', 'null'])('that is signed, and reads %s, is no event', (text) => {
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: text, secret: CURRENT, timestamp: SECONDS });
    expect(() => accepted(text, signature)).toThrow(WebhookRefused);
  });
});
