/** Something that one part of a test waits for and another gives. */
export class Signal {
  give!: () => void;
  readonly given = new Promise<void>((resolve) => (this.give = resolve));
}
