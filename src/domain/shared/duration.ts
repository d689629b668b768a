import { InvalidValue } from './domain-exception.js';

/** Whole seconds. Minutes exist for display alone and are rounded up once, on a sum. */
export class Duration {
  private constructor(readonly seconds: number) {}

  static readonly zero = new Duration(0);

  /** Throws InvalidValue unless `seconds` is a whole number that is not negative. */
  static ofSeconds(seconds: number): Duration {
    if (!Number.isSafeInteger(seconds) || seconds < 0) {
      throw new InvalidValue('invalid_duration', `A duration is a whole number of seconds, not ${seconds}.`, {
        seconds,
      });
    }
    return new Duration(seconds);
  }

  /** A started second counts: 59.2 s of audio are 60 s. Throws InvalidValue for anything not finite or negative. */
  static ofStartedSeconds(seconds: number): Duration {
    return Duration.ofSeconds(seconds < 0 ? seconds : Math.ceil(seconds));
  }

  static ofMinutes(minutes: number): Duration {
    return Duration.ofSeconds(minutes * 60);
  }

  /** For people: started minutes of this very sum. */
  get minutes(): number {
    return Math.ceil(this.seconds / 60);
  }

  plus(other: Duration): Duration {
    return new Duration(this.seconds + other.seconds);
  }
}
