import type { Pool } from 'pg';
import type { Log } from '#application/ports/log';

export interface BeatTimes {
  readonly beatMs: number;
  /** A worker that has not beaten for so long is dead. */
  readonly deadAfterMs: number;
}

/**
 * Tells the other workers that this one lives, and gives back the jobs of those that do not. graphile-worker itself
 * waits four hours before it takes a job from a worker that vanished.
 *
 * A job belongs to a dead worker when whoever locked it has not beaten lately, or never did. All instants are the
 * database's own, so that clocks that disagree kill nobody. A worker that was merely out of breath, and whose job is
 * done twice, harms nothing: every result lands once.
 */
export class WorkerBeats {
  private workerId: string | null = null;
  private timer: NodeJS.Timeout | null = null;
  private beating: Promise<void> = Promise.resolve();
  /** On the clock of performance.now(). */
  private mayJudgeAt = 0;

  constructor(
    private readonly pool: Pool,
    private readonly log: Log,
    private readonly times: BeatTimes,
  ) {}

  /** From now on, as this worker: as graphile-worker names it in `locked_by`. */
  start(workerId: string): void {
    this.workerId = workerId;
    if (this.timer === null) this.next(0);
  }

  /** Gives back what the worker still has, at once: nobody needs to wait for its death. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.beating;
    const { workerId } = this;
    this.workerId = null;
    if (workerId === null) return;
    await this.pool.query(`select graphile_worker.force_unlock_workers(array[$1])`, [workerId]);
    await this.pool.query(`delete from worker_beats where worker_id = $1`, [workerId]);
  }

  private next(ms: number): void {
    this.timer = setTimeout(() => {
      this.beating = this.beat().finally(() => {
        if (this.timer !== null) this.next(this.times.beatMs);
      });
    }, ms);
    this.timer.unref();
  }

  private async beat(): Promise<void> {
    try {
      await this.pool.query(
        `insert into worker_beats (worker_id, beat_at) values ($1, now())
         on conflict (worker_id) do update set beat_at = excluded.beat_at`,
        [this.workerId],
      );
      if (performance.now() >= this.mayJudgeAt) await this.buryTheDead();
    } catch (error) {
      // While the database was away nobody could beat: all have to be given time for it before any is judged.
      this.mayJudgeAt = performance.now() + this.times.deadAfterMs;
      this.log.error(error, { worker: this.workerId }, 'worker cannot beat');
    }
  }

  private async buryTheDead(): Promise<void> {
    const seconds = this.times.deadAfterMs / 1000;
    await this.pool.query(`delete from worker_beats where beat_at < now() - make_interval(secs => $1)`, [seconds]);
    const { rows } = await this.pool.query<{ locked_by: string }>(
      `select distinct locked_by
         from graphile_worker.jobs
        where locked_at < now() - make_interval(secs => $1)
          and locked_by not in (select worker_id from worker_beats)`,
      [seconds],
    );
    const dead = rows.map(({ locked_by }) => locked_by);
    if (dead.length > 0) {
      await this.pool.query(`select graphile_worker.force_unlock_workers($1)`, [dead]);
      this.log.warn({ workers: dead }, 'the jobs of workers that died were given back');
    }
  }
}
