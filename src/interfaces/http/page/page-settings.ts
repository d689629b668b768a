/** How the billing page is reached and shown. */
export class PageSettings {
  constructor(
    /** This service, as browsers reach it; no slash at the end. */
    readonly publicUrl: string,
    /** Origins of the pages that may have the billing page in a frame; none by default. */
    readonly embedOrigins: readonly string[],
    /** What the build of the page wrote; null for none. */
    readonly directory: string | null,
  ) {}
}
