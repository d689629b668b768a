import { SingleBar } from 'cli-progress';
import type { Output } from './surroundings.js';

/** How far a long deed is, for the person who waits. */
export interface Progress {
  at(value: number): void;
  stop(): void;
}

/** A bar on a terminal. */
export function progressBar(output: Output, what: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage} %  {value} of {total}  {duration_formatted}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: output as NodeJS.WritableStream,
    // An interruption lets the step under way come to its end, and stops the bar then.
    gracefulExit: false,
    fps: 20,
  });
  bar.start(total, 0);
  return { at: (value) => bar.update(Math.min(value, total)), stop: () => bar.stop() };
}

/** A line every now and then, where there is no terminal: logs are read later. */
export function progressLines(output: Output, what: string): Progress {
  let next = LINE_EVERY;
  return {
    at: (value) => {
      if (value < next) return;
      next = value + LINE_EVERY;
      output.write(`${what}: ${value}\n`);
    },
    stop: () => undefined,
  };
}

const LINE_EVERY = 25_000;
