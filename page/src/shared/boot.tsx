import { type ComponentChildren, render } from 'preact';
import { Api, ApiProblem } from './api';
import { announce, Announcer } from './components/announcer';
import { Boundary } from './components/boundary';
import { hostSettings, type HostSettings, surroundingsOf, tellHeight, tellHost } from './host';
import { type Language, languageOf, LANGUAGES, Locale, LocaleContext } from './locale';
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
  spoken: readonly Language[] = LANGUAGES,
): Promise<void> {
  const settings = hostSettings(location.search, location.hash, surroundingsOf(window));
  const root = document.getElementById('page')!;
  let language = settings.lang ?? remembered();
  let opening = inBrowser(settings.host);
  let api = new Api(null, () => undefined);
  let words: object = {};

  const localeNow = (): Locale => {
    const wishes = [...(language === null ? [] : [language]), ...navigator.languages];
    const chosen = languageOf(wishes, spoken);
    const region = wishes.find((wish) => wish.startsWith(`${chosen}-`));
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return new Locale(chosen, settings.dir ?? 'ltr', timeZone, words, region);
  };

  const draw = (children: ComponentChildren): void => {
    const locale = localeNow();
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
    const loaded = await loadWords(localeNow().language);
    if (wanted === language) words = loaded;
  };

  if (settings.theme) document.documentElement.dataset.theme = settings.theme;
  tellHeight(settings, root);
  // A new link that is opened where this page is already changes the fragment alone: without this its token would be ignored.
  addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('token')) location.reload();
  });
  // Deeds show their own problems: this is what nobody waited for.
  addEventListener('unhandledrejection', () => announce(localeNow().words(COMMON).broken));
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
    const isSpeaking = await load().then(
      () => true,
      () => false,
    );
    if (isSpeaking) draw(fault instanceof ApiProblem ? <SessionOver problem={fault} /> : <PageBroken />);
    else root.textContent = UNREACHABLE;
  }
}

/** Said when not even words can be had from the server. */
const UNREACHABLE = 'The server cannot be reached. · Der Server ist nicht erreichbar. · 無法連線到伺服器。';

/** What only Telegram needs is loaded in Telegram alone. */
async function entryOf({ host }: HostSettings): Promise<Entry> {
  if (host === 'telegram') return (await import('../telegram/entry')).telegramEntry();
  return { opening: inBrowser(host), signIn: () => openSession(host, location, history) };
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
