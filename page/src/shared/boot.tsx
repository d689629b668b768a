import { type ComponentChildren, render } from 'preact';
import { Api, ApiProblem } from './api';
import { announce, Announcer } from './components/announcer';
import { Boundary } from './components/boundary';
import { hostSettings, type HostSettings, tellHeight, tellHost } from './host';
import { type Language, languageOf, Locale, LocaleContext } from './locale';
import { inBrowser, keepLinksOutOfFrame, type Opening, OpeningContext } from './opening';
import { ApiContext } from './resource';
import { openSession } from './session';
import { PageBroken, SessionOver } from './session-over';
import { COMMON } from './words';

const LANGUAGE_KEPT = 'minutebook.language';

/** How a page that is shown somewhere gets its right to ask, and opens what lies outside of it. */
interface Entry {
  readonly opening: Opening;
  /** Null where a cookie speaks. Throws ApiProblem. */
  readonly signIn: () => Promise<string | null>;
}

/**
 * Starts a page: language, direction and theme from the address, what was chosen before, or the browser; then the
 * session; then what `content` shows.
 */
export async function boot(
  content: (settings: HostSettings, chooseLanguage: (language: string) => void) => ComponentChildren,
  loadWords: (language: Language) => Promise<object>,
): Promise<void> {
  const settings = hostSettings(location.search, location.hash);
  const root = document.getElementById('page')!;
  let language = settings.lang ?? remembered();
  let opening = inBrowser(settings.host);
  let api = new Api(null, () => undefined);
  let words: object = {};

  const draw = (children: ComponentChildren): void => {
    const locale = localeOf(language, settings, words);
    Object.assign(document.documentElement, { lang: locale.language, dir: locale.dir });
    render(
      <LocaleContext.Provider value={locale}>
        <OpeningContext.Provider value={opening}>
          <ApiContext.Provider value={api}>
            <Boundary broken={() => <PageBroken />}>{children}</Boundary>
          </ApiContext.Provider>
          <Announcer />
        </OpeningContext.Provider>
      </LocaleContext.Provider>,
      root,
    );
  };
  const show = (): void =>
    draw(
      content(settings, (chosen) => {
        language = chosen;
        remember(chosen);
        void load().then(show);
      }),
    );

  // Also words that come late, when another language was chosen meanwhile, are the chosen one's.
  const load = async (): Promise<void> => {
    const wanted = language;
    const loaded = await loadWords(localeOf(wanted, settings, {}).language);
    if (wanted === language) words = loaded;
  };

  if (settings.theme) document.documentElement.dataset.theme = settings.theme;
  tellHeight(settings, root);
  // A new link that is opened where this page is already changes the fragment alone: without this its token would be ignored.
  addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('token')) location.reload();
  });
  // Deeds show their own problems: this is what nobody waited for.
  addEventListener('unhandledrejection', () => announce(localeOf(language, settings, words).words(COMMON).broken));
  try {
    const entry = await entryOf(settings);
    opening = entry.opening;
    keepLinksOutOfFrame(opening);
    const [bearer] = await Promise.all([entry.signIn(), load()]);
    let isOver = false;
    api = new Api(bearer, () => {
      if (isOver) return;
      isOver = true;
      tellHost(settings, { type: 'minutebook:session-over' });
      draw(<SessionOver problem={null} />);
    });
    show();
  } catch (fault) {
    if (!(fault instanceof ApiProblem)) reportError(fault);
    draw(fault instanceof ApiProblem ? <SessionOver problem={fault} /> : <PageBroken />);
  }
}

/** What only Telegram needs is loaded in Telegram alone. */
async function entryOf({ host }: HostSettings): Promise<Entry> {
  if (host === 'telegram') return (await import('../telegram/entry')).telegramEntry();
  return { opening: inBrowser(host), signIn: () => openSession(host, location, history) };
}

function localeOf(language: string | null, { dir }: HostSettings, words: object): Locale {
  const wishes = [...(language === null ? [] : [language]), ...navigator.languages];
  const spoken = languageOf(wishes);
  const region = wishes.find((wish) => wish.startsWith(`${spoken}-`));
  return new Locale(spoken, dir ?? 'ltr', Intl.DateTimeFormat().resolvedOptions().timeZone, words, region);
}

/** What was chosen on an earlier visit; a browser that keeps nothing for a page in a frame has none. */
function remembered(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEPT);
  } catch {
    return null;
  }
}

function remember(language: string): void {
  try {
    localStorage.setItem(LANGUAGE_KEPT, language);
  } catch {
    // It holds for this visit.
  }
}
