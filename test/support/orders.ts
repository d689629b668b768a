/** Repeated with SEED=… on the command line. */
export const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** The orders that are tried, and how many they are: `16 of 120, sampled`. */
export interface TriedOrders {
  readonly orders: readonly (readonly number[])[];
  readonly told: string;
}

/** Every order of 0 … n − 1 when there are no more than `most` of them, or else so many of them by the seed. */
export function ordersOf(n: number, most: number): TriedOrders {
  const all = permutations(n);
  if (all.length <= most) return { orders: all, told: `${all.length}` };
  return { orders: sample(all, most), told: `${most} of ${all.length}, sampled` };
}

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((shorter) =>
    Array.from({ length: n }, (_, place) => [...shorter.slice(0, place), n - 1, ...shorter.slice(place)]),
  );
}

/** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function sample<T>(all: readonly T[], count: number): T[] {
  let state = SEED;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const left = [...all];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0]!);
}
