/** So that nobody waits long for those before him. */
const MOST_TOGETHER = 64;

/** From then on what is at work holds up nobody else: it waits for a row, or its connection is dead. */
const STUCK_AFTER_MS = 50;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Does together what is asked for at the same time: what comes while nothing is at work is done at once, and what comes
 * meanwhile is done together afterwards. So a batch is as large as the load, and nobody waits for others to come. Of each owner
 * one at a time is in a batch, in the order in which they came. One batch is at work at a time: two at once are smaller, and
 * were never faster.
 */
export class MicroBatches<Item, Answer> {
  private readonly waiting = new Map<string, Waiting<Item, Answer>[]>();
  /** The batch that the next one waits for. */
  private atWork: symbol | null = null;

  constructor(
    /** Whatever it takes. */
    private readonly alone: (item: Item) => Promise<Answer>,
    /** One transaction. For an item that it does not answer nothing was done; that is then done alone. */
    private readonly together: (items: readonly Item[]) => Promise<ReadonlyMap<Item, Answer>>,
  ) {}

  /** Throws what `alone` throws, and what `together` throws unless it is about one of them. */
  add(owner: string, item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const one = { item, resolve, reject };
      const line = this.waiting.get(owner);
      if (line) line.push(one);
      else this.waiting.set(owner, [one]);
      this.due();
    });
  }

  /** At the end of this turn of the event loop: whatever arrived with it goes along. */
  private due(): void {
    if (this.atWork !== null || this.waiting.size === 0) return;
    const turn = Symbol('turn');
    this.atWork = turn;
    setImmediate(() => void this.done(turn, this.taken()));
  }

  private async done(turn: symbol, batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const stuck = setTimeout(() => this.leave(turn), STUCK_AFTER_MS);
    try {
      const items = batch.map(({ item }) => item);
      const [only] = items as [Item, ...Item[]];
      const answers = batch.length === 1 ? new Map([[only, await this.alone(only)]]) : await this.together(items);
      for (const { item, resolve } of batch) resolve(answers.has(item) ? answers.get(item)! : this.alone(item));
    } catch (error) {
      const isOfOne = batch.length > 1 && isAboutOne(error);
      for (const { item, resolve, reject } of batch) {
        if (isOfOne) resolve(this.alone(item));
        else reject(error);
      }
    } finally {
      clearTimeout(stuck);
      this.leave(turn);
    }
  }

  /** Once: who left as one that is stuck lets nobody pass by ending. */
  private leave(turn: symbol): void {
    if (this.atWork !== turn) return;
    this.atWork = null;
    this.due();
  }

  /** Who waited longest; an owner with more goes to the end of the line. */
  private taken(): readonly Waiting<Item, Answer>[] {
    const owners = [...this.waiting].slice(0, MOST_TOGETHER);
    return owners.map(([owner, line]) => {
      const first = line.shift()!;
      this.waiting.delete(owner);
      if (line.length > 0) this.waiting.set(owner, line);
      return first;
    });
  }
}

/**
 * Whether PostgreSQL refused the whole for what one of it says (classes 22 and 23), or for a row that somebody keeps (55P03):
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function isAboutOne(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$|^55P03$/.test(code);
}
