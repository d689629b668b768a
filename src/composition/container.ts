import { Container } from 'inversify';
import { accounts } from './accounts.module.js';
import { admin } from './admin.module.js';
import { billing } from './billing.module.js';
import { billingTime } from './billing-time.module.js';
import { budgets } from './budgets.module.js';
import { credits } from './credits.module.js';
import { gateway } from './gateway.module.js';
import { jobs } from './jobs.module.js';
import { health } from './health.module.js';
import { notifications } from './notifications.module.js';
import { operations } from './operations.module.js';
import { paymentEvents } from './payment-events.module.js';
import { payments } from './payments.module.js';
import { plans } from './plans.module.js';
import { sessions } from './sessions.module.js';
import { type Foundation, system } from './system.module.js';
import { telegram } from './telegram.module.js';
import { usage } from './usage.module.js';

/** The running system on one page: what a capability is made of stands in its module. */
export function compose(foundation: Foundation): Container {
  const container = new Container({ defaultScope: 'Transient' });
  container.load(
    system(foundation),
    // Routes are tried in this order, and each router that a request has to pass costs it a microsecond.
    gateway,
    accounts,
    admin,
    billing,
    billingTime,
    budgets,
    credits,
    health,
    jobs,
    notifications,
    operations,
    paymentEvents,
    payments,
    plans,
    sessions,
    telegram,
    usage,
  );
  return container;
}
