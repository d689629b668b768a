import type { PageScope } from '#domain/accounts/page-session';
import type { User } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PaymentGateway } from '../payments/payment-gateway.js';
import { UseCase } from '../use-case.js';
import { type Caller, pageSessionOf } from './authentication.js';

/** What the page has to know before it shows anything. */
export interface PageView {
  readonly user: User;
  readonly scope: PageScope;
  /** Null for a caller who is not signed in to the page, such as one with an API key. */
  readonly expiresAt: Date | null;
  readonly returnUrl: string | null;
  /** The provider and its mode, as payments name it. */
  readonly paymentGateway: string;
}

/** Who is signed in to the page, how long, and where it leads. */
@UseCase()
export class GetPage {
  constructor(
    private readonly users: UserRepository,
    private readonly gateway: PaymentGateway,
  ) {}

  async execute(caller: Caller): Promise<PageView> {
    const session = pageSessionOf(caller);
    return {
      user: await this.users.get(caller.userId),
      scope: session?.scope ?? 'billing',
      expiresAt: session?.expiresAt ?? null,
      returnUrl: session?.returnUrl ?? null,
      paymentGateway: this.gateway.name,
    };
  }
}
