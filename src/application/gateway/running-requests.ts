import { UseCase } from '../use-case.js';

/** Requests of this process that are not settled yet: a process that is told to stop waits for them. */
@UseCase()
export class RunningRequests {
  private readonly running = new Set<Promise<unknown>>();

  track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    const done = () => this.running.delete(work);
    work.then(done, done);
    return work;
  }

  /** Resolves once nothing is running any more, however it ended. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }
}
