import { RunningRequests } from '#application/gateway/running-requests';
import type { TestUser } from '#test/support/app';
import type { Attempt } from './counted-clients.js';
import type { GatewayWorld } from './gateway-world.js';

/** In micros. */
export const ONE_CREDIT = 10_000;

/** As many attempts, each answered so. */
export const times = (count: number, attempt: Partial<Attempt>): readonly Partial<Attempt>[] =>
  Array.from({ length: count }, () => attempt);
export const containing = (text: string): string => expect.stringContaining(text) as string;

/** Nothing is held, nothing was charged, and that is what the log says: an entry for what was sent, none for what was not. */
export const mustBeUntouched = async (
  world: GatewayWorld,
  user: TestUser,
  { credit = ONE_CREDIT, sent = 0 }: { readonly credit?: number; readonly sent?: number } = {},
): Promise<void> => {
  await world.app.container.get(RunningRequests).idle();
  const { logs, ...books } = await world.booksOf(user);
  expect(books).toEqual({ balance: credit, entries: credit, held: 0, openHolds: 0 });
  expect(logs.map(({ cost }) => cost)).toEqual(Array.from({ length: sent }, () => 0));
};
