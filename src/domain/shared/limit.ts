/** Unlimited is a word: never −1, null, 0 or Infinity. */
export type Limit = number | 'unlimited';
