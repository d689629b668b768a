import { jest } from '@jest/globals';
import type { Caller } from '#application/accounts/authentication';
import { MemoryCallerCache } from '#infrastructure/accounts/memory-caller-cache';

const caller = { userId: 'u', role: 'user', deviceId: null } as unknown as Caller;

describe('remembered callers', () => {
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('are forgotten in less than a second: so long a revoked key may live on elsewhere', () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const callers = new MemoryCallerCache();
    callers.set('hash', caller);
    expect(callers.get('hash')).toBe(caller);
    clock.mockReturnValue(1900);
    jest.advanceTimersByTime(900);
    expect(callers.get('hash')).toBeNull();
  });

  it('are forgotten at once when told so', () => {
    const callers = new MemoryCallerCache();
    callers.set('hash', caller);
    callers.clear();
    expect(callers.get('hash')).toBeNull();
  });
});
