/** How Stripe is reached, and how its messages are told from forged ones. */
export class StripeSettings {
  constructor(
    readonly secretKey: string,
    /** Every secret that is valid now: while one is rotated there are two. */
    readonly webhookSecrets: readonly string[],
    /** Another address than Stripe's own, such as a double of it in a test; null for api.stripe.com. */
    readonly apiBase: string | null,
  ) {}
}
