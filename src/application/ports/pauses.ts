/** Waiting, as something that a test need not do. */
export abstract class Pauses {
  abstract wait(ms: number): Promise<void>;
}
