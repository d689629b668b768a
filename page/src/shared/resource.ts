import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { Api, ApiProblem } from './api';

/** What a section knows: nothing yet, what the server said (perhaps a while ago), or why there is nothing. */
export type Resource<T> =
  | { readonly state: 'loading' }
  | {
      readonly state: 'ready';
      readonly data: T;
      readonly at: Date;
      readonly stale: ApiProblem | null;
      readonly refreshing: boolean;
    }
  | { readonly state: 'failed'; readonly problem: ApiProblem };

export const ApiContext = createContext<Api>(new Api(null, () => undefined));

export function useApi(): Api {
  return useContext(ApiContext);
}

const CHANGED = 'minutebook:changed';

/** Says that something was done which any section may show: all of them ask again. */
export function announceChange(): void {
  dispatchEvent(new Event(CHANGED));
}

/** A page that was out of sight this long asks again when it is looked at. */
const OLD_AFTER_MS = 30_000;

/**
 * Each section asks for itself, so one that fails leaves the others alone. Asks again when something was done, when the
 * page comes back into sight, and by `retry`. What was there stays when asking again fails, and says so (`stale`).
 */
export function useResource<T>(path: string): readonly [Resource<T>, () => void] {
  const api = useApi();
  const [resource, setResource] = useState<Resource<T>>({ state: 'loading' });
  const running = useRef<AbortController | null>(null);
  const askedAt = useRef(0);

  const load = useCallback(() => {
    running.current?.abort();
    const mine = (running.current = new AbortController());
    askedAt.current = Date.now();
    setResource((now) => (now.state === 'ready' ? { ...now, refreshing: true } : { state: 'loading' }));
    api.get<T>(path, mine.signal).then(
      (data) => {
        if (!mine.signal.aborted) setResource({ state: 'ready', data, at: new Date(), stale: null, refreshing: false });
      },
      (fault: unknown) => {
        if (mine.signal.aborted) return;
        const problem = fault instanceof ApiProblem ? fault : new ApiProblem(0, 'unknown', String(fault));
        setResource((now) =>
          now.state === 'ready' ? { ...now, stale: problem, refreshing: false } : { state: 'failed', problem },
        );
      },
    );
  }, [api, path]);

  useEffect(() => {
    // Another question's answer is not this one's old state.
    setResource({ state: 'loading' });
    load();
    const seen = (): void => {
      if (document.visibilityState === 'visible' && Date.now() - askedAt.current > OLD_AFTER_MS) load();
    };
    addEventListener(CHANGED, load);
    document.addEventListener('visibilitychange', seen);
    return () => {
      running.current?.abort();
      removeEventListener(CHANGED, load);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [load]);

  return [resource, load];
}

/** A deed of the user's: whether it runs, and how it ended when it did not go well. */
export interface Deed<Args extends readonly unknown[]> {
  readonly run: (...args: Args) => Promise<void>;
  readonly isRunning: boolean;
  readonly problem: ApiProblem | null;
}

/** While it runs a second click does nothing. Problems are shown beside the button, by `<ProblemNote>`. */
export function useDeed<Args extends readonly unknown[]>(work: (...args: Args) => Promise<void>): Deed<Args> {
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const busy = useRef(false);
  const run = async (...args: Args): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setRunning(true);
    setProblem(null);
    try {
      await work(...args);
    } catch (fault) {
      setProblem(fault instanceof ApiProblem ? fault : new ApiProblem(0, 'unknown', String(fault)));
    } finally {
      busy.current = false;
      setRunning(false);
    }
  };
  return { run, isRunning, problem };
}
