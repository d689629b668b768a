import type { User } from '#domain/accounts/user';
import type { CreditAccount, IncomingCredit } from '#domain/credits/credit-account';
import { occasion } from '#test/support/builders/credits';
import { Given, HOUR, later, NOW } from './given.js';
import type { World } from './world.js';

export type Deed = (account: CreditAccount) => CreditAccount;

interface Opening {
  readonly requestId?: string;
  readonly now?: Date;
}

/** Credit of users in a world, moved as the product moves it: by the rules, in a transaction that opened the account. */
export class GivenCredit {
  constructor(private readonly world: () => World) {}

  /** The account as a deed of this instant finds it. */
  readonly opened = ({ id }: User, { requestId, now = NOW }: Opening = {}): Promise<CreditAccount> =>
    this.world().transaction.run(() => this.world().credits.open(id, requestId ?? null, now));

  readonly done = (user: User, deed: Deed, opening?: Opening): Promise<CreditAccount> =>
    this.world().transaction.run(async () => {
      const after = deed(await this.opened(user, opening));
      await this.world().credits.save(after);
      return after;
    });

  /** A user who got this credit an hour ago, so that it can have run out by now. */
  readonly holder = async (...incoming: readonly IncomingCredit[]): Promise<User> => {
    const user = await new Given(this.world).user();
    const now = later(NOW, -HOUR);
    for (const credit of incoming) await this.done(user, (account) => account.granted(credit, occasion(now)), { now });
    return user;
  };
}
