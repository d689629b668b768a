import { useLocale, type Words } from './locale';
import { Button } from './components/button';

/** Why there is nothing to show, by the server's codes. */
export const SESSION = { over: 'not_authenticated', used: 'page_session_already_opened', none: 'unreachable' } as const;

interface SessionWords {
  readonly title: string;
  readonly over: string;
  readonly used: string;
  readonly unreachable: string;
  readonly again: string;
}

const WORDS: Words<SessionWords> = {
  en: {
    title: 'Please open this page again',
    over: 'For your safety this page is open for one hour. Go back to where you came from and open it again.',
    used: 'This link was used already; each works once. Go back to where you came from and open the page again.',
    unreachable: 'The server cannot be reached. Check your connection.',
    again: 'Try again',
  },
  de: {
    title: 'Bitte öffne diese Seite neu',
    over: 'Zu deiner Sicherheit ist diese Seite eine Stunde lang offen. Öffne sie dort neu, wo du hergekommen bist.',
    used: 'Dieser Link wurde schon benutzt; jeder gilt einmal. Öffne die Seite dort neu, wo du hergekommen bist.',
    unreachable: 'Der Server ist nicht erreichbar. Bitte prüfe deine Verbindung.',
    again: 'Erneut versuchen',
  },
  'zh-Hant': {
    title: '請重新開啟此頁面',
    over: '為了您的安全，此頁面僅開放一小時。請回到原來的地方重新開啟。',
    used: '此連結已使用過，每個連結只能使用一次。請回到原來的地方重新開啟。',
    unreachable: '無法連線到伺服器，請檢查您的網路。',
    again: '重試',
  },
};

/** The whole page, when nobody is signed in. */
export function SessionOver({ code }: { readonly code: string }) {
  const words = useLocale().words(WORDS);
  const isOutage = code === SESSION.none;
  return (
    <main class="page">
      <section class="section" role="alert">
        <h1>{words.title}</h1>
        <p>{isOutage ? words.unreachable : code === SESSION.used ? words.used : words.over}</p>
        {isOutage && (
          <div class="actions">
            <Button onClick={() => location.reload()}>{words.again}</Button>
          </div>
        )}
      </section>
    </main>
  );
}
