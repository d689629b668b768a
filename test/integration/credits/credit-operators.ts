import type { Answered, TestUser } from '#test/support/app';
import type { CreditHttpWorld } from './http-world.js';

export const USER_CREDITS = '/api/v1/admin/users/:id/credits';
const BULK = '/api/v1/admin/credits/bulk-grant';
const because = { reason: 'case 812' };

interface By {
  /** The first operator unless given. */
  readonly as?: TestUser;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Operators who give and take credit over HTTP, always for the same reason. */
export class CreditOperators {
  private constructor(
    private readonly world: CreditHttpWorld,
    readonly first: TestUser,
  ) {}

  static async of(world: CreditHttpWorld): Promise<CreditOperators> {
    return new CreditOperators(world, await world.app.user('free', 'admin'));
  }

  another(): Promise<TestUser> {
    return this.world.app.user('free', 'admin');
  }

  deed(name: 'grant' | 'adjust', { id }: Pick<TestUser, 'id'>, body: object, by: By = {}): Promise<Answered> {
    const { as = this.first, headers } = by;
    return this.world.ask('POST', `${USER_CREDITS}/${name}`, {
      as,
      headers,
      path: `${USER_CREDITS.replace(':id', id)}/${name}`,
      body: { ...because, ...body },
    });
  }

  bulk(userIds: readonly string[], body: object, as = this.first): Promise<Answered> {
    return this.world.ask('POST', BULK, { as, body: { ...because, user_ids: userIds, ...body } });
  }

  async shown({ id }: TestUser): Promise<Answered['body']> {
    const path = USER_CREDITS.replace(':id', id);
    return (await this.world.ask('GET', USER_CREDITS, { as: this.first, path })).body;
  }

  /** What counts towards the cap of a day, in micros. */
  async givenBy(actor: TestUser): Promise<number> {
    const [row] = await this.world.app.rows<{ granted_micros: string }>(
      `select granted_micros from credit_allowances where actor = $1`,
      [actor.id],
    );
    return Number(row?.granted_micros ?? 0);
  }
}
