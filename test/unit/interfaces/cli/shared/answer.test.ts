import { changes, difference, table } from '#interfaces/cli/shared/answer';

describe('Answers for people and scripts', () => {
  it('put numbers to the right and words to the left', () => {
    const rows = [
      ['minutes', '7'],
      ['sessions', '1200'],
    ];
    expect(table(['what', 'used'], rows)).toBe('WHAT      USED\nminutes      7\nsessions  1200');
  });

  it('show of a change what differs, and nothing else', () => {
    const [before, after] = [
      { plan: 'free', role: 'user', suspended_at: '2026-01-01T00:00:00.000Z' },
      { plan: 'pro', role: 'user', suspended_at: null },
    ];
    expect(difference(before, after)).toBe(
      '  plan          free → pro\n  suspended_at  2026-01-01T00:00:00.000Z → none',
    );
    expect(changes(before, after)).toEqual({
      plan: { before: 'free', after: 'pro' },
      suspended_at: { before: '2026-01-01T00:00:00.000Z', after: null },
    });
  });

  it('show no difference where there is none', () => {
    expect([difference({ plan: 'free' }, { plan: 'free' }), changes({ plan: 'free' }, { plan: 'free' })]).toEqual([
      '',
      {},
    ]);
  });
});
