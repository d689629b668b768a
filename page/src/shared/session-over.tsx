import type { ApiProblem } from './api';
import { Button } from './components/button';
import { useLocale, type Words } from './locale';
import { COMMON } from './words';

interface SessionWords {
  readonly title: string;
  readonly notNow: string;
  readonly over: string;
  readonly used: string;
  readonly suspended: string;
  readonly tooMany: string;
  readonly notLinked: (telegramUser: string) => string;
  readonly broken: string;
}

const WORDS: Words<SessionWords> = {
  en: {
    title: 'Please open this page again',
    notNow: 'This page cannot be shown now',
    over: 'For your safety this page is open for one hour. Go back to where you came from and open it again.',
    used: 'This link was used already; each works once. Go back to where you came from and open the page again.',
    suspended: 'This account is suspended. Please write to the operator of this service.',
    tooMany: 'This page was opened too often in a short time. Wait a moment.',
    notLinked: (user) =>
      `This Telegram account is not linked to an account here yet. Send your Telegram number ${user} to the operator of this service, who can link it.`,
    broken: 'Something went wrong on our side. Nothing that you did is lost.',
  },
  de: {
    title: 'Bitte öffne diese Seite neu',
    notNow: 'Diese Seite kann gerade nicht gezeigt werden',
    over: 'Zu deiner Sicherheit ist diese Seite eine Stunde lang offen. Öffne sie dort neu, wo du hergekommen bist.',
    used: 'Dieser Link wurde schon benutzt; jeder gilt einmal. Öffne die Seite dort neu, wo du hergekommen bist.',
    suspended: 'Dieses Konto ist gesperrt. Bitte schreibe dem Betreiber dieses Dienstes.',
    tooMany: 'Diese Seite wurde in kurzer Zeit zu oft geöffnet. Warte einen Augenblick.',
    notLinked: (user) =>
      `Dieses Telegram-Konto ist noch mit keinem Konto hier verbunden. Schicke deine Telegram-Nummer ${user} dem Betreiber dieses Dienstes; er kann es verbinden.`,
    broken: 'Bei uns ist etwas schiefgegangen. Nichts, was du getan hast, ist verloren.',
  },
  'zh-Hant': {
    title: '請重新開啟此頁面',
    notNow: '目前無法顯示此頁面',
    over: '為了您的安全，此頁面僅開放一小時。請回到原來的地方重新開啟。',
    used: '此連結已使用過，每個連結只能使用一次。請回到原來的地方重新開啟。',
    suspended: '此帳戶已停用，請聯絡服務營運者。',
    tooMany: '此頁面在短時間內開啟太多次，請稍候再試。',
    notLinked: (user) =>
      `此 Telegram 帳號尚未與這裡的帳戶連結。請將您的 Telegram 編號 ${user} 告知服務營運者以進行連結。`,
    broken: '我們這邊發生了問題，您先前的操作不會遺失。',
  },
};

/** The whole page, when nobody is signed in, or nobody could be. A null problem: the hour is over. */
export function SessionOver({ problem }: { readonly problem: ApiProblem | null }) {
  const locale = useLocale();
  const words = locale.words(WORDS);
  const isForNow = problem !== null && (problem.isOutage || problem.status === 429);
  return (
    <main class="page">
      <section class="section" role="alert">
        <h1>{isForNow ? words.notNow : words.title}</h1>
        <p>{problem?.status === 0 ? locale.words(COMMON).unreachable : reason(problem, words)}</p>
        {isForNow && <Again />}
      </section>
    </main>
  );
}

/** The whole page, when drawing it failed outside of every section. */
export function PageBroken() {
  const words = useLocale().words(WORDS);
  return (
    <main class="page">
      <section class="section" role="alert">
        <h1>{words.notNow}</h1>
        <p>{words.broken}</p>
        <Again />
      </section>
    </main>
  );
}

function Again() {
  const words = useLocale().words(COMMON);
  return (
    <div class="actions">
      <Button onClick={() => location.reload()}>{words.retry}</Button>
    </div>
  );
}

function reason(problem: ApiProblem | null, words: SessionWords): string {
  if (problem?.isOutage) return words.broken;
  if (problem?.status === 429) return words.tooMany;
  switch (problem?.code ?? '') {
    case 'page_link_used':
    case 'page_session_already_opened':
      return words.used;
    case 'user_suspended':
      return words.suspended;
    case 'telegram_not_linked':
      return words.notLinked(String(problem?.facts.telegram_user_id));
    default:
      return words.over;
  }
}
