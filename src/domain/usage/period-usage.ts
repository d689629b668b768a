import { Duration } from '../shared/duration.js';

/** What one user has used, and holds, in one billing period. */
export class PeriodUsage {
  constructor(
    readonly sessions: number,
    readonly used: Duration,
    readonly transcriptions: number,
    /** Reserved by transcriptions under way, as far as their holds have not expired. */
    readonly held: Duration,
    /** Transcriptions under way that will count when they succeed. */
    readonly heldTranscriptions: number,
    /** Transcriptions under way, counting or not, in whatever period they began. */
    readonly running: number,
  ) {}

  static readonly none = new PeriodUsage(0, Duration.zero, 0, Duration.zero, 0, 0);

  /** As if what counts in the other period counted in this one. What runs was never of one period alone. */
  merging(other: PeriodUsage): PeriodUsage {
    return new PeriodUsage(
      this.sessions + other.sessions,
      this.used.plus(other.used),
      this.transcriptions + other.transcriptions,
      this.held.plus(other.held),
      this.heldTranscriptions + other.heldTranscriptions,
      this.running,
    );
  }

  /** What is left to count when a new period begins: nothing, and yet everything that runs goes on running. */
  get carriedOver(): PeriodUsage {
    return new PeriodUsage(0, Duration.zero, 0, Duration.zero, 0, this.running);
  }
}
