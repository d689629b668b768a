import TestSequencer from '@jest/test-sequencer';

/** Minutes in all. Jest knows how long a file takes from the run before, and a fresh clone had none: it goes by size then. */
const LONG = [
  'integration/credits/model',
  'integration/payments/permutations',
  'integration/billing/permutations',
  'integration/contracts/postgres',
  'integration/billing/turns',
  'integration/credits/storm',
  'integration/billing/clock',
  'integration/billing/year',
];

/** Begins with the longest, so that none of them is left alone at the end. */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONG.findIndex((name) => path.endsWith(`${name}.test.ts`));
      return place === -1 ? LONG.length : place;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
