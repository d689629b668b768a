export abstract class Transaction {
  /**
   * Runs `work` so that all its writes are kept, or none. Repositories called inside take part by themselves;
   * a write called outside any transaction throws. Joins the transaction already running, if there is one.
   * Keep the outside world out of `work`: it cannot be rolled back, and `work` runs again after a deadlock.
   */
  abstract run<T>(work: () => Promise<T>): Promise<T>;
}
