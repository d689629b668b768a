import type { RefusalResponse } from '#interfaces/http/usage/refusal.response';
import { reasonOf, standingOf } from '#page/billing/refusals-reckoning';
import { reasonFacts } from '#page/billing/refusals-text';
import { Locale } from '#page/shared/locale';
import { words } from '#page/words/en';

const now = new Date('2026-11-21T12:00:00Z');
const english = new Locale('en', 'ltr', 'UTC', words);

const refusal = (change: Partial<RefusalResponse>): RefusalResponse => ({
  id: 'r-1',
  at: '2026-11-20T12:00:00.000Z',
  code: 'session_limit_exceeded',
  message: 'The free plan allows 10 sessions a period; 10 are used.',
  facts: { plan: 'free', current_usage: 10, limit: 10 },
  still_refused: true,
  remedies: [],
  ...change,
});
const told = (code: string, facts: RefusalResponse['facts']): string | null => {
  const reason = reasonOf({ code, facts });
  return reason && reasonFacts(reason, english).join(' · ');
};

describe('what is told of refusals', () => {
  const old = refusal({ id: 'old', at: '2026-11-14T11:59:59.999Z' });

  it('is nothing to whoever was never refused, or not within a week', () => {
    expect(standingOf({ data: [] }, now)).toEqual({ is: 'never' });
    expect(standingOf({ data: [old] }, now)).toEqual({ is: 'never' });
  });

  it('is that it is over when the newest would be let through', () => {
    const over = refusal({ still_refused: false });
    expect(standingOf({ data: [over, refusal({ id: 'r-0' })] }, now)).toEqual({ is: 'over', refusal: over });
  });

  it('is the newest, and what else was refused within the week', () => {
    const [newest, before] = [refusal({ still_refused: null }), refusal({ id: 'r-0' })];
    expect(standingOf({ data: [newest, before, old] }, now)).toEqual({
      is: 'blocked',
      refusal: newest,
      earlier: [before],
    });
  });
});

describe('why something was refused', () => {
  it.each([
    ['session_limit_exceeded', { current_usage: 10, limit: 10 }, 'Sessions: 10 of 10 used'],
    ['transcription_count_exceeded', { current_usage: 20, limit: 20 }, 'Transcriptions: 20 of 20 used'],
    [
      'transcription_limit_exceeded',
      { current_usage: 195, held: 3, requested: 12, limit: 200 },
      'Needed: 12 minutes · Minutes: 195 of 200 used · Held by running work: 3',
    ],
    [
      'transcription_limit_exceeded',
      { current_usage: 620, held: 0, requested: 0, limit: 500 },
      'Minutes: 620 of 500 used',
    ],
    ['file_size_exceeded', { file_size_mb: 75.25, limit_mb: 60 }, 'The file has 75.25 MB; your plan allows 60 MB.'],
    ['insufficient_credits', { required: 12.5, balance: 10, held: 0 }, 'Needed: 12.5 credits · Balance: 10'],
    [
      'budget_exceeded',
      { budget: 'user', required_micros: 250_000, limit_micros: 5_000_000, used_micros: 4_900_000, held_micros: 0 },
      'Needed: $0.25 · Left in your budget: $0.10',
    ],
    [
      'budget_exceeded',
      { budget: 'user', required_micros: 250_000, limit_micros: 1_000_000, used_micros: 4_900_000, held_micros: 0 },
      'Needed: $0.25 · Left in your budget: $0.00',
    ],
    [
      'budget_exceeded',
      { budget: 'global', required_micros: 250_000 },
      'Needed: $0.25 · Left in the budget of this service: too little',
    ],
    [
      'export_format_not_in_plan',
      { format: 'pdf', allowed_formats: ['json', 'txt'] },
      'Your plan exports JSON, TXT, not PDF.',
    ],
    ['device_limit_exceeded', { current_usage: 1, limit: 1 }, 'Devices: 1 of 1 used'],
    [
      'concurrent_transcription_limit_exceeded',
      { current_usage: 3, limit: 3 },
      'Running transcriptions: 3 of 3 at a time',
    ],
  ])('%s %j is told in words with its numbers', (code, facts, text) => expect(told(code, facts)).toBe(text));

  it.each([
    ['something_new', { limit: 3 }],
    ['session_limit_exceeded', { current_usage: '10', limit: 10 }],
    ['export_format_not_in_plan', { format: 'pdf' }],
    ['toString', { current_usage: 1, limit: 1 }],
  ])('%s %j is not known here, and left to the server to say', (code, facts) => expect(told(code, facts)).toBeNull());
});
