import type { HostSettings } from '../shared/host';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { LANGUAGES, useLocale, type Words } from '../shared/locale';
import { useApi, useResource } from '../shared/resource';
import { COMMON } from '../shared/words';

/** GET /api/v1/billing/page. */
export interface PageFacts {
  readonly email: string;
  readonly name: string;
  readonly return_url: string | null;
  readonly payment_provider: 'sandbox' | 'stripe';
}

interface HeadWords {
  readonly title: string;
  readonly back: string;
  readonly signOut: string;
  readonly language: string;
}

const WORDS: Words<HeadWords> = {
  en: { title: 'Plan and billing', back: 'Back', signOut: 'Sign out', language: 'Language' },
  de: { title: 'Tarif und Abrechnung', back: 'Zurück', signOut: 'Abmelden', language: 'Sprache' },
  'zh-Hant': { title: '方案與帳務', back: '返回', signOut: '登出', language: '語言' },
};

const NAMES = { en: 'English', de: 'Deutsch', 'zh-Hant': '繁體中文' } as const;

interface PageHeadProps {
  readonly settings: HostSettings;
  readonly chooseLanguage: (language: string) => void;
}

/** Who is asking, in which language, and the way back. */
export function PageHead({ settings, chooseLanguage }: PageHeadProps) {
  const locale = useLocale();
  const words = locale.words(WORDS);
  const api = useApi();
  const [page] = useResource<PageFacts>('/api/v1/billing/page');
  const facts = page.state === 'ready' ? page.data : null;
  const signOut = async (): Promise<void> => {
    await api.send('DELETE', '/billing/session', null);
    location.reload();
  };
  return (
    <header class="page-head">
      <div>
        <h1>{words.title}</h1>
        <p class="quiet">{facts?.email ?? '\u00a0'}</p>
      </div>
      <div class="row">
        {facts?.payment_provider === 'sandbox' && <Badge tone="warn">{locale.words(COMMON).sandbox}</Badge>}
        {facts?.return_url && <a href={facts.return_url}>{words.back}</a>}
        <label class="row">
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
          <Button kind="link" onClick={() => void signOut()}>
            {words.signOut}
          </Button>
        )}
      </div>
    </header>
  );
}
