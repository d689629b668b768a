import { type ComponentChildren, render } from 'preact';
import { Api, ApiProblem } from './api';
import { Announcer } from './components/announcer';
import { hostSettings, type HostSettings } from './host';
import { languageOf, Locale, LocaleContext } from './locale';
import { inBrowser, type Opening, OpeningContext } from './opening';
import { ApiContext } from './resource';
import { openSession } from './session';
import { SESSION, SessionOver } from './session-over';

const LANGUAGE_KEPT = 'minutebook.language';

interface Start {
  readonly settings: HostSettings;
  readonly opening: Opening;
  readonly bearer: string | null;
}

/**
 * Starts a page: language, direction and theme from the address, what was chosen before, or the browser; then the
 * session; then what `content` shows. `enter` may open the session in a host's own way, as Telegram does.
 */
export async function boot(
  content: (settings: HostSettings, chooseLanguage: (language: string) => void) => ComponentChildren,
  enter: (settings: HostSettings) => Promise<Start | null> = async () => null,
): Promise<void> {
  const settings = hostSettings(location.search, location.hash);
  const root = document.getElementById('page')!;
  let language = settings.lang ?? remembered();

  const draw = (children: ComponentChildren, opening: Opening): void => {
    const spoken = languageOf([...(language === null ? [] : [language]), ...navigator.languages]);
    const locale = new Locale(spoken, settings.dir ?? 'ltr', Intl.DateTimeFormat().resolvedOptions().timeZone);
    Object.assign(document.documentElement, { lang: spoken, dir: locale.dir });
    render(
      <LocaleContext.Provider value={locale}>
        <OpeningContext.Provider value={opening}>
          {children}
          <Announcer />
        </OpeningContext.Provider>
      </LocaleContext.Provider>,
      root,
    );
  };

  if (settings.theme) document.documentElement.dataset.theme = settings.theme;
  try {
    const { opening, bearer } = (await enter(settings)) ?? {
      opening: inBrowser(settings.host),
      bearer: await openSession(settings.host, location, history),
    };
    const over = (): void => draw(<SessionOver code={SESSION.over} />, opening);
    const api = new Api(bearer, () => {
      tellHost(settings, 'minutebook:session-over');
      over();
    });
    const show = (): void =>
      draw(
        <ApiContext.Provider value={api}>
          {content(settings, (chosen) => {
            language = chosen;
            localStorage.setItem(LANGUAGE_KEPT, chosen);
            show();
          })}
        </ApiContext.Provider>,
        opening,
      );
    show();
  } catch (fault) {
    if (!(fault instanceof ApiProblem)) throw fault;
    draw(<SessionOver code={fault.code} />, inBrowser(settings.host));
  }
}

/** What was chosen on an earlier visit; a browser that keeps nothing for a page in a frame has none. */
function remembered(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEPT);
  } catch {
    return null;
  }
}

/** An embedding page hears of the session's end, and may bring a new token. */
export function tellHost(settings: HostSettings, type: string, facts: object = {}): void {
  if (settings.host === 'embedded') parent.postMessage({ type, ...facts }, '*');
}
