import type { RefusalListResponse, RefusalResponse } from '#interfaces/http/usage/refusal.response';

const WEEK_MS = 7 * 86_400_000;

export type Standing =
  | { readonly is: 'never' }
  /** It would be let through by now. */
  | { readonly is: 'over'; readonly refusal: RefusalResponse }
  | { readonly is: 'blocked'; readonly refusal: RefusalResponse; readonly earlier: readonly RefusalResponse[] };

/** Whether the newest refusal is worth telling: of the last week, and in force as far as can be told. */
export function standingOf({ data: [newest, ...earlier] }: Pick<RefusalListResponse, 'data'>, now: Date): Standing {
  const since = now.getTime() - WEEK_MS;
  if (!newest || Date.parse(newest.at) < since) return { is: 'never' };
  if (newest.still_refused === false) return { is: 'over', refusal: newest };
  return { is: 'blocked', refusal: newest, earlier: earlier.filter(({ at }) => Date.parse(at) >= since) };
}

/** The numbers of a refusal by what was compared; null where its facts are not the ones that are known here. */
export type Reason =
  | {
      readonly is: 'sessions' | 'transcriptions' | 'concurrent' | 'devices';
      readonly used: number;
      readonly limit: number;
    }
  | {
      readonly is: 'minutes';
      readonly used: number;
      readonly limit: number;
      readonly held: number;
      /** 0 for a session, which asks for none yet and is refused when none is left. */
      readonly requested: number;
    }
  | { readonly is: 'fileSize'; readonly size: number; readonly limit: number }
  | { readonly is: 'credit'; readonly required: number; readonly balance: number; readonly held: number }
  | { readonly is: 'budget'; readonly required: number; readonly left: number | null; readonly isOwn: boolean }
  | { readonly is: 'format'; readonly format: string; readonly allowed: readonly string[] };

const COUNTED = {
  session_limit_exceeded: 'sessions',
  transcription_count_exceeded: 'transcriptions',
  concurrent_transcription_limit_exceeded: 'concurrent',
  device_limit_exceeded: 'devices',
} as const;

export function reasonOf({ code, facts }: Pick<RefusalResponse, 'code' | 'facts'>): Reason | null {
  const numbers = <Name extends string>(...names: Name[]): Readonly<Record<Name, number>> | null =>
    names.every((name) => typeof facts[name] === 'number') ? (facts as Readonly<Record<Name, number>>) : null;
  const orNone = (name: string): number => (typeof facts[name] === 'number' ? facts[name] : 0);
  if (Object.hasOwn(COUNTED, code)) {
    const found = numbers('current_usage', 'limit');
    return found && { is: COUNTED[code as keyof typeof COUNTED], used: found.current_usage, limit: found.limit };
  }
  switch (code) {
    case 'transcription_limit_exceeded': {
      const found = numbers('current_usage', 'limit');
      const [held, requested] = [orNone('held'), orNone('requested')];
      return found && { is: 'minutes', used: found.current_usage, limit: found.limit, held, requested };
    }
    case 'file_size_exceeded': {
      const found = numbers('file_size_mb', 'limit_mb');
      return found && { is: 'fileSize', size: found.file_size_mb, limit: found.limit_mb };
    }
    case 'insufficient_credits': {
      const found = numbers('required', 'balance', 'held');
      return found && { is: 'credit', required: found.required, balance: found.balance, held: found.held };
    }
    case 'budget_exceeded': {
      const found = numbers('required_micros');
      const told = numbers('limit_micros', 'used_micros', 'held_micros');
      // What is spent can be above a limit that was lowered.
      const left = told && Math.max(0, told.limit_micros - told.used_micros - told.held_micros);
      return found && { is: 'budget', required: found.required_micros, left, isOwn: facts.budget === 'user' };
    }
    case 'export_format_not_in_plan': {
      const { format, allowed_formats: allowed } = facts;
      return typeof format === 'string' && Array.isArray(allowed)
        ? { is: 'format', format, allowed: allowed.map(String) }
        : null;
    }
    default:
      return null;
  }
}
