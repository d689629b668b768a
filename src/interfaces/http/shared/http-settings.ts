export class HttpSettings {
  constructor(
    /** Origins whose pages may read answers; none by default. */
    readonly allowedOrigins: readonly string[],
    /** What a bearer must send to read the metrics; null when everybody who can reach them may. */
    readonly metricsToken: string | null = null,
  ) {}
}
