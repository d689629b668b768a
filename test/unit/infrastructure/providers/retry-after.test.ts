import { retryAfterSeconds } from '#infrastructure/providers/retry-after';

describe('Retry-After', () => {
  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['0', 0],
    ['Thu, 20 Nov 2025 10:01:30 GMT', 90],
    ['Thursday, 20-Nov-25 10:01:30 GMT', 90],
    ['Thu, 20 Nov 2025 09:00:00 GMT', 0],
    ['99999999', 86_400],
    ['Thu, 20 Nov 2125 09:00:00 GMT', 86_400],
    ['soon', null],
    ['', null],
    ['-5', null],
    ['1.5', null],
    [undefined, null],
  ])('%j means %p seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, new Date('2025-11-20T10:00:00.000Z'))).toBe(seconds);
  });
});
