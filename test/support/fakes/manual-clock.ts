import type { Clock } from '#application/ports/clock';

/** Stands still until it is told otherwise. */
export class ManualClock implements Clock {
  private instant: Date;

  constructor(now: Date | string = '2026-03-10T12:00:00.000Z') {
    this.instant = new Date(now);
  }

  now(): Date {
    return new Date(this.instant);
  }

  set(now: Date | string): void {
    this.instant = new Date(now);
  }

  advance(seconds: number): void {
    this.instant = new Date(this.instant.getTime() + seconds * 1000);
  }
}
