/** Where buyers may be sent back to. */
export class CheckoutSettings {
  constructor(
    /** This service, as browsers reach it; no slash at the end. */
    readonly publicUrl: string,
    /** Origins of front ends that may be named in success and cancel addresses, beside the service's own. */
    readonly allowedOrigins: readonly string[],
  ) {}
}
