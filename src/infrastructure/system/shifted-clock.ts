import type { DataSource } from 'typeorm';
import type { ClockShift } from '#application/billing/clock-shift';
import type { Clock } from '#application/ports/clock';
import type { Log } from '#application/ports/log';

/** How often a process looks whether another one has moved the clock. */
const REREAD_MS = 500;

/** The clock of a sandbox: the world's, and so far ahead of it as an operator moved it. It never goes back. */
export class ShiftedClock implements Clock, ClockShift {
  readonly isMovable = true;
  /** Twice the time between two looks: the second half is for the way. */
  readonly spreadMs = 2 * REREAD_MS;
  private offset = 0;
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> | null = null;

  private constructor(
    private readonly database: DataSource,
    private readonly world: Clock,
    private readonly log: Log,
  ) {}

  /** Reads how far it is ahead, now and every half second. A database without the table, as before its migration, has the world's time. */
  static async start(database: DataSource, world: Clock, log: Log): Promise<ShiftedClock> {
    const clock = new ShiftedClock(database, world, log);
    const [found] = await database.query<{ exists: boolean }[]>(
      `select to_regclass('sandbox_clock') is not null as exists`,
    );
    if (!found!.exists) return clock;
    clock.offset = await clock.stored();
    clock.timer = setInterval(() => void (clock.reading ??= clock.reread()), REREAD_MS).unref();
    return clock;
  }

  get offsetMs(): number {
    return this.offset;
  }

  now(): Date {
    return new Date(this.world.now().getTime() + this.offset);
  }

  async moveTo(to: Date, kept: boolean): Promise<void> {
    const offset = Math.max(this.offset, to.getTime() - this.world.now().getTime());
    if (!kept) {
      this.offset = offset;
      return;
    }
    const [row] = await this.database.query<{ offset_ms: string }[]>(
      `insert into sandbox_clock (offset_ms) values ($1)
       on conflict (id) do update set offset_ms = greatest(sandbox_clock.offset_ms, excluded.offset_ms)
       returning offset_ms`,
      [offset],
    );
    this.offset = Math.max(this.offset, Number(row!.offset_ms));
  }

  async restore(): Promise<void> {
    this.offset = await this.stored();
  }

  /** Before the database goes. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.reading;
  }

  private async reread(): Promise<void> {
    try {
      // Read first: what the clock was moved by meanwhile is compared as it is afterwards.
      const stored = await this.stored();
      this.offset = Math.max(this.offset, stored);
    } catch (error) {
      // Time goes on meanwhile, and is read again soon.
      this.log.warn({ error: (error as Error).message }, 'how far the clock was moved could not be read');
    } finally {
      this.reading = null;
    }
  }

  private async stored(): Promise<number> {
    const rows = await this.database.query<{ offset_ms: string }[]>('select offset_ms from sandbox_clock');
    return Number(rows[0]?.offset_ms ?? 0);
  }
}
