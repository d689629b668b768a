/** How Stripe is reached, and how its messages are told from forged ones. */
export class StripeSettings {
  constructor(
    readonly secretKey: string,
    /** Every secret that is valid now: while one is rotated there are two. */
    readonly webhookSecrets: readonly string[],
    /** Another address than Stripe's own, such as a double of it in a test; null for api.stripe.com. */
    readonly apiBase: string | null,
    /** How long an answer is waited for. Stripe's own library would wait for 80 s. */
    readonly timeoutMs = 15_000,
  ) {}

  /** Whether this key moves real money: `sk_live_…`, `rk_live_…`. */
  get live(): boolean {
    return /^[a-z]+_live_/.test(this.secretKey);
  }

  /** What payments made with this key are kept under: those of the test mode are unknown to the live one. */
  get gateway(): string {
    return this.live ? 'stripe-live' : 'stripe-test';
  }
}
