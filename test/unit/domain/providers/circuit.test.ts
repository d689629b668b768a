import { Circuit } from '#domain/providers/circuit';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const MINUTE = 60_000;
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const failing = (times: number, circuit = Circuit.closed, at = NOW): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((one) => one.failed(at, null), circuit);
const succeeding = (times: number, circuit = Circuit.closed, at = NOW): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((one) => one.succeeded(at), circuit);

describe('a circuit', () => {
  it('opens for a minute on the fifth failure in a row, and not before', () => {
    expect(failing(4).stateAt(NOW)).toBe('closed');
    const open = failing(5);
    expect(open.openUntil).toEqual(later(MINUTE));
    expect([open.stateAt(NOW), open.stateAt(later(MINUTE - 1)), open.stateAt(later(MINUTE))]).toEqual([
      'open',
      'open',
      'half_open',
    ]);
  });

  it('begins the row anew after a success', () => {
    // Six successes in front, so that no rate is reached.
    const row = failing(4, succeeding(1, failing(4, succeeding(20))));
    expect([row.stateAt(NOW), row.failuresInARow]).toEqual(['closed', 4]);
    expect(failing(1, row).stateAt(NOW)).toBe('open');
  });

  const alternating = (pairs: number, circuit = Circuit.closed, at = NOW): Circuit =>
    Array.from({ length: pairs }).reduce<Circuit>((one) => failing(1, succeeding(1, one, at), at), circuit);

  it('opens when half of ten requests of a minute failed, and not of nine', () => {
    const nine = failing(1, alternating(4));
    expect(nine.stateAt(NOW)).toBe('closed');
    expect(failing(1, succeeding(1, alternating(4))).stateAt(NOW)).toBe('open');
    const six = failing(1, succeeding(1, failing(2, succeeding(1, failing(3)))));
    expect(six.stateAt(NOW)).toBe('closed');
    expect(failing(1, succeeding(1, six)).stateAt(NOW)).toBe('open');
  });

  it('stays closed when fewer than half failed', () => {
    expect(failing(4, succeeding(6, failing(1))).stateAt(NOW)).toBe('closed');
    expect(failing(1, alternating(20, succeeding(3))).stateAt(NOW)).toBe('closed');
  });

  it('forgets what is a minute old', () => {
    const early = succeeding(1, failing(4));
    expect(failing(1, succeeding(4, early, later(50_000)), later(50_000)).stateAt(later(50_000))).toBe('open');
    expect(failing(1, succeeding(4, early, later(MINUTE)), later(MINUTE)).stateAt(later(MINUTE))).toBe('closed');
    const slid = failing(4, succeeding(6, early, later(MINUTE)), later(MINUTE));
    expect(slid.recent).toEqual([{ since: later(MINUTE).getTime(), successes: 6, failures: 4 }]);
  });

  it('keeps few slices, however many requests there are', () => {
    let circuit = Circuit.closed;
    for (let ms = 0; ms < 10 * MINUTE; ms += 100) circuit = circuit.succeeded(later(ms));
    expect(circuit.recent.length).toBeLessThanOrEqual(10);
  });
});

describe('a circuit that is half open', () => {
  const halfOpen = failing(5);
  const then = later(MINUTE);

  it('closes after two successes, and remembers nothing', () => {
    const once = succeeding(1, halfOpen, then);
    expect([once.stateAt(then), once.successes]).toEqual(['half_open', 1]);
    expect(succeeding(1, once, then)).toEqual(Circuit.closed);
  });

  it('opens for another minute on one failure, and wants two successes again', () => {
    const again = failing(1, succeeding(1, halfOpen, then), then);
    expect([again.stateAt(then), again.openUntil, again.successes]).toEqual(['open', later(2 * MINUTE), 0]);
    const probed = succeeding(1, again, later(2 * MINUTE));
    expect(probed.stateAt(later(2 * MINUTE))).toBe('half_open');
  });

  it('is not moved by answers to what was asked before it opened', () => {
    expect(halfOpen.succeeded(then, NOW)).toBe(halfOpen);
    expect(halfOpen.failed(then, null, NOW)).toBe(halfOpen);
  });
});

describe('a circuit that is open', () => {
  it('is neither kept open nor closed by answers to what was asked before', () => {
    const open = failing(5);
    const soon = later(30_000);
    expect(failing(3, open, soon)).toBe(open);
    expect(succeeding(3, open, soon)).toBe(open);
    expect(open.failed(soon, 1000, NOW)).toBe(open);
  });

  it('stays open for as long as the provider asks meanwhile', () => {
    const open = failing(5).failed(later(30_000), 90_000, NOW);
    expect([open.openUntil, open.stateAt(later(119_999))]).toEqual([later(120_000), 'open']);
    expect(open.stateAt(later(120_000))).toBe('half_open');
  });
});

describe('a pause that the provider asks for', () => {
  it('is kept after the first failure, and just ends', () => {
    const paused = Circuit.closed.failed(NOW, 7000);
    expect([paused.stateAt(NOW), paused.stateAt(later(6999)), paused.stateAt(later(7000))]).toEqual([
      'open',
      'open',
      'closed',
    ]);
    const after = paused.succeeded(later(7000));
    expect([after.openUntil, after.failuresInARow, after.recent]).toEqual([
      null,
      0,
      [
        { since: NOW.getTime(), successes: 0, failures: 1 },
        { since: later(6000).getTime(), successes: 1, failures: 0 },
      ],
    ]);
  });

  it('does not end the row of failures', () => {
    let circuit = Circuit.closed;
    for (let second = 0; second < 5; second++) circuit = circuit.failed(later(second * 1000), 1000);
    expect([circuit.openUntil, circuit.stateAt(later(64_000))]).toEqual([later(64_000), 'half_open']);
  });

  it('counts when it is longer than the minute, up to ten minutes', () => {
    const four = failing(4);
    expect(four.failed(NOW, 1000).openUntil).toEqual(later(MINUTE));
    expect(four.failed(NOW, 90_000).openUntil).toEqual(later(90_000));
    expect(four.failed(NOW, 86_400_000).openUntil).toEqual(later(10 * MINUTE));
    expect(Circuit.closed.failed(NOW, 86_400_000).openUntil).toEqual(later(10 * MINUTE));
  });
});

describe('what another process found', () => {
  const theirs = new Circuit(0, [], later(90_000), 1, true);

  it('counts when it is open for longer, and our failures stay ours', () => {
    const four = failing(4);
    const learnt = four.learning(theirs);
    expect(learnt).toEqual(new Circuit(4, four.recent, later(90_000), 1, true));
    expect(failing(5).learning(theirs).openUntil).toEqual(later(90_000));
  });

  it('counts of one pause when it probed further, and never takes a success away', () => {
    const none = new Circuit(3, [], later(90_000), 0, true);
    expect(none.learning(theirs)).toEqual(new Circuit(3, [], later(90_000), 1, true));
    expect(theirs.learning(none)).toBe(theirs);
  });

  it('does not count when ours is open for longer', () => {
    const longer = new Circuit(5, [], later(120_000), 0, true);
    expect(longer.learning(theirs)).toBe(longer);
    expect(longer.learning(Circuit.closed)).toBe(longer);
  });

  it('looks like ours unless the pause or the probes differ', () => {
    expect(failing(3).looksLike(succeeding(4))).toBe(true);
    expect(failing(5).looksLike(failing(4))).toBe(false);
    expect(failing(5).looksLike(succeeding(1, failing(5), later(MINUTE)))).toBe(false);
  });
});
