import { injectable } from 'inversify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RateLimited, type RequestRates } from '#application/gateway/request-rates';
import type { UserId } from '#domain/accounts/user';

const MINUTE_S = 60;
/** Requests of one user end all the time; when is not known. */
const ASK_AGAIN_MS = 1000;

/** Counts in memory, so that a request waits for nobody; a singleton of its process. */
@injectable()
export class MemoryRequestRates implements RequestRates {
  private readonly perMinute: RateLimiterMemory;
  private readonly running = new Map<UserId, number>();

  constructor(private readonly settings: GatewaySettings) {
    this.perMinute = new RateLimiterMemory({ points: settings.requestsPerMinute, duration: MINUTE_S });
  }

  async admit(userId: UserId): Promise<() => void> {
    const { requestsAtOnce, requestsPerMinute } = this.settings;
    const running = this.running.get(userId) ?? 0;
    if (running >= requestsAtOnce) throw new RateLimited('requests_at_once', requestsAtOnce, ASK_AGAIN_MS);
    // Counted before anything is awaited: of two that come at once the second sees the first.
    this.running.set(userId, running + 1);
    const leave = () => this.leave(userId);
    try {
      await this.perMinute.consume(userId);
      return leave;
    } catch (error) {
      leave();
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new RateLimited('requests_per_minute', requestsPerMinute, error.msBeforeNext);
    }
  }

  private leave(userId: UserId): void {
    const left = this.running.get(userId)! - 1;
    if (left === 0) this.running.delete(userId);
    else this.running.set(userId, left);
  }
}
