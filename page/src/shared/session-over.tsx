import type { ApiProblem } from './api';
import { Button } from './components/button';
import { type LoadedWords, useLocale } from './locale';
import { ProblemNote } from './components/problem';
import { useDeed } from './resource';
import { OF_ANOTHER, openSession } from './session';
import { COMMON } from './words';

export interface SessionWords {
  readonly title: string;
  readonly notNow: string;
  readonly over: string;
  readonly used: string;
  readonly suspended: string;
  readonly tooMany: string;
  readonly notLinked: (telegramUser: string) => string;
  readonly broken: string;
  readonly thanks: string;
  readonly closeWindow: string;
  readonly another: (email: string) => string;
  readonly switch: string;
  readonly stay: string;
}

const WORDS: LoadedWords<SessionWords> = { loaded: 'session' };

/** The whole page, when nobody is signed in, or nobody could be. A null problem: the hour is over. */
export function SessionOver({ problem }: { readonly problem: ApiProblem | null }) {
  const locale = useLocale();
  const words = locale.words(WORDS);
  const isForNow = problem !== null && (problem.isOutage || problem.status === 429);
  if (problem?.code === OF_ANOTHER) return <Another email={String(problem.facts.email)} />;
  // Paid in a window of its own, beside the frame that began it: there is nothing left to do here.
  const isPaid = !isForNow && new URLSearchParams(location.search).get('outcome') === 'success';
  return (
    <main class="page">
      <section class="section" role="alert">
        <h1>{isForNow ? words.notNow : isPaid ? words.thanks : words.title}</h1>
        <p>
          {problem?.status === 0
            ? locale.words(COMMON).unreachable
            : isPaid
              ? words.closeWindow
              : reason(problem, words)}
        </p>
        {isForNow && <Again />}
      </section>
    </main>
  );
}

/** Asks before a link takes the place of the account that is open in this browser. */
function Another({ email }: { readonly email: string }) {
  const words = useLocale().words(WORDS);
  const reload = (): void => location.replace(location.pathname + location.search);
  const open = useDeed(async () => {
    await openSession('plain', location, history, true);
    reload();
  });
  return (
    <main class="page">
      <section class="section">
        <h1>{words.another(email)}</h1>
        <div class="actions">
          <Button kind="primary" onClick={reload}>
            {words.stay}
          </Button>
          <Button busy={open.isRunning} onClick={() => void open.run()}>
            {words.switch}
          </Button>
        </div>
        <ProblemNote problem={open.problem} />
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
