import type { RemedyResponse } from '#interfaces/http/usage/refusal.response';
import { wordsOf } from '../words/page-words';

/** Remedies that nothing on this page does: words alone. */
type Advice = Extract<
  RemedyResponse['kind'],
  | 'wait_for_running_requests'
  | 'wait_for_running_transcriptions'
  | 'ask_operator'
  | 'use_allowed_format'
  | 'use_smaller_file'
>;

/** Those that lead to another section. */
type Way = Extract<RemedyResponse['kind'], 'see_usage' | 'raise_budget' | 'revoke_device'>;

export interface RefusalWords {
  readonly title: string;
  readonly over: (moment: string) => string;
  readonly more: (count: string) => string;
  readonly fact: (name: string, value: string) => string;
  readonly needs: (what: string) => string;
  readonly devices: string;
  readonly fileSize: (size: string, limit: string) => string;
  readonly ownBudget: string;
  readonly allBudget: string;
  readonly tooLittle: string;
  readonly format: (format: string, allowed: string) => string;
  readonly whatToDo: string;
  readonly upgrade: (plan: string) => string;
  readonly pay: string;
  readonly wait: string;
  readonly ways: Readonly<Record<Way, string>>;
  readonly advice: Readonly<Record<Advice, string>>;
}

export const REFUSALS = wordsOf('refusals');
