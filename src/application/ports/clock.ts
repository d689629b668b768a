/** The only source of time. Instants are UTC; nobody else asks the system. */
export abstract class Clock {
  abstract now(): Date;
}
