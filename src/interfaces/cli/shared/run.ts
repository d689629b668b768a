import { Outages } from '#application/ports/outages';
import type { Answer } from './answer.js';
import { ExitCode } from './exit-code.js';
import type { Failure } from './failure.js';
import type { SchemaWish, Surroundings, System } from './surroundings.js';

/** One run of the command line, from its arguments to its exit code. */
export class Run {
  exitCode: ExitCode = ExitCode.ok;

  constructor(
    readonly surroundings: Surroundings,
    /** Answers and refusals are JSON. */
    readonly json: boolean,
  ) {}

  /** Opens the system, prints what `deed` answers, and closes the system again. */
  async answer(deed: (system: System) => Promise<Answer>, schema: SchemaWish = 'current'): Promise<void> {
    const system = await this.surroundings.open(schema);
    try {
      this.print(await deed(system));
    } catch (error) {
      throw system.get(Outages).recognise(error) ?? error;
    } finally {
      await system.close();
    }
  }

  print({ json, text, note, exitCode = ExitCode.ok }: Answer): void {
    this.surroundings.stdout.write(this.json ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
    if (note !== undefined && !this.json) this.tell(note);
    this.exitCode = exitCode;
  }

  fail({ exitCode, code, message, facts, next }: Failure): void {
    if (this.json) {
      this.tell(JSON.stringify({ error: code, message, ...facts, ...(next !== null && { next }) }));
    } else {
      this.tell(`minutebook: ${message}`);
      if (next !== null) this.tell(next);
    }
    this.exitCode = exitCode;
  }

  /** A line for the person who reads along. */
  tell(line: string): void {
    this.surroundings.stderr.write(`${line}\n`);
  }
}
