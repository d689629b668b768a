import type { BillingPageResponse } from '#interfaces/http/billing/page.response';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { useApi, useResource } from '../shared/resource';
import { Books } from './books';
import { Providers } from './providers';
import { type Tab, TABS, usePlace } from './place';
import { UserView } from './user-view';
import { Users } from './users';
import { Webhooks } from './webhooks';

const TITLES: Readonly<Record<Tab, string>> = {
  users: 'Users',
  webhooks: 'Webhook events',
  providers: 'Providers',
  books: 'Books',
};

/** What operators look at: users and what happened to them, webhook events, providers, and whether the books are right. */
export function AdminPage() {
  const api = useApi();
  const [page] = useResource<BillingPageResponse>('/api/v1/billing/page');
  const [tab, id] = usePlace();
  const facts = page.state === 'ready' ? page.data : null;
  const signOut = async (): Promise<void> => {
    await api.send('DELETE', '/billing/session', null);
    location.reload();
  };
  return (
    <div class="page" lang="en">
      <header class="page-head">
        <div>
          <h1>Operations</h1>
          <p class="quiet">{facts?.email ?? '\u00a0'}</p>
        </div>
        <div class="row">
          {facts?.payment_provider === 'sandbox' && <Badge tone="warn">Sandbox: no real money moves here.</Badge>}
          <Button kind="link" onClick={() => void signOut()}>
            Sign out
          </Button>
        </div>
      </header>
      <nav class="tabs" aria-label="Sections">
        {TABS.map((name) => (
          <a key={name} href={`#/${name}`} aria-current={tab === name ? 'page' : undefined}>
            {TITLES[name]}
          </a>
        ))}
      </nav>
      <main class="sections">
        {tab === 'webhooks' && <Webhooks />}
        {tab === 'providers' && <Providers />}
        {tab === 'books' && <Books />}
        {tab === 'users' && (id === null ? <Users /> : <UserView key={id} id={id} />)}
      </main>
    </div>
  );
}
