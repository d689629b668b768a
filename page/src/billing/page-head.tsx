import { useEffect } from 'preact/hooks';
import type { BillingPageResponse } from '#interfaces/http/billing/page.response';
import type { HostSettings } from '../shared/host';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { ProblemNote } from '../shared/components/problem';
import { LANGUAGES, useLocale } from '../shared/locale';
import { useApi, useDeed, useResource } from '../shared/resource';
import { COMMON } from '../shared/words';
import { useMinutesLeft } from './page-head-end';
import { PAGE_HEAD } from './page-head.words';
import './page-head.css';

const NAMES = { en: 'English', de: 'Deutsch', 'zh-Hant': '繁體中文' } as const;

interface PageHeadProps {
  readonly settings: HostSettings;
  readonly chooseLanguage: (language: string) => void;
  readonly onKnown: () => void;
}

/** Who is asking, in which language, how long still, and the way back. */
export function PageHead({ settings, chooseLanguage, onKnown }: PageHeadProps) {
  const locale = useLocale();
  const words = locale.words(PAGE_HEAD);
  const api = useApi();
  const [page, ask] = useResource<BillingPageResponse>('/api/v1/billing/page');
  const facts = page.state === 'ready' ? page.data : null;
  const isKnown = page.state !== 'loading';
  useEffect(() => void (isKnown && onKnown()), [isKnown]);
  // The server says that it is over, and the whole page with it.
  const left = useMinutesLeft(facts?.expires_at ?? null, ask);
  const signOut = useDeed(async () => {
    await api.send('DELETE', '/billing/session', null);
    location.reload();
  });
  return (
    <>
      <a
        class="skip"
        href="#sections"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('sections')?.focus();
        }}
      >
        {words.skip}
      </a>
      <div role="status" class={left === null ? 'unseen' : 'banner'}>
        {left !== null && words.ends(locale.unit(left, 'minute'))}
      </div>
      <header class="page-head">
        <div>
          {facts?.return_url && (
            <a class="page-back" href={facts.return_url}>
              <span aria-hidden="true" class="page-back-arrow">
                ←
              </span>{' '}
              {words.back}
            </a>
          )}
          <h1>{words.title}</h1>
          <p class="quiet">{facts?.email ?? '\u00a0'}</p>
        </div>
        <div class="row">
          {facts?.payment_provider === 'sandbox' && <Badge tone="warn">{locale.words(COMMON).sandbox}</Badge>}
          <label class="field">
            <span class="unseen">{words.language}</span>
            <select value={locale.language} onChange={(event) => chooseLanguage(event.currentTarget.value)}>
              {LANGUAGES.map((one) => (
                <option key={one} value={one} lang={one}>
                  {NAMES[one]}
                </option>
              ))}
            </select>
          </label>
          {settings.host === 'plain' && (
            <Button busy={signOut.isRunning} onClick={() => void signOut.run()}>
              {words.signOut}
            </Button>
          )}
        </div>
        <ProblemNote problem={signOut.problem} />
      </header>
    </>
  );
}
