/** Which part of a list is wanted. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** A part of a list, and how long the whole is. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly total: number;
}
