import type { ApiProblem } from '../shared/api';
import type { Locale } from '../shared/locale';
import { DEVICES } from './devices.words';

/** What refused a deed with a key, in the reader's language; null for what only the server has words for. */
export function deviceProblem(problem: ApiProblem | null, locale: Locale): string | null {
  const words = locale.words(DEVICES);
  const { current_usage: active, limit } = problem?.facts ?? {};
  switch (problem?.code ?? '') {
    case 'device_limit_exceeded':
      return typeof active === 'number' && typeof limit === 'number'
        ? words.limitReached(locale.number(active), locale.number(limit))
        : null;
    case 'device_name_taken':
      return words.nameTaken;
    case 'device_not_found':
      return words.gone;
    default:
      return null;
  }
}
