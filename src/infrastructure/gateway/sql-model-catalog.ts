import { AsyncResource } from 'node:async_hooks';
import { injectable } from 'inversify';
import { Clock } from '#application/ports/clock';
import { Log } from '#application/ports/log';
import type { ModelCatalog, ModelOffer } from '#domain/providers/model-catalog';
import type { ModelPrice, ModelPriceId } from '#domain/providers/model-price';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { type ModelPriceRow, modelPriceOf, type ModelRouteRow, modelRouteOf, PRICE_COLUMNS } from './model-rows.js';
import { ModelSnapshot } from './model-snapshot.js';

/** A snapshot is as good as new for so long: a price that is imported for at once is in force after at most this. */
const FRESH_MS = 5000;
/** Nobody is charged by an older snapshot than this: the request waits for a new one, and fails when there is none. */
const USABLE_MS = 60_000;
/** A request asks for prices at its own beginning, which was before the snapshot that answers it. */
const LOOK_BACK_MS = 5 * 60_000;

/**
 * Prices and routes from the database, all of those in force or to come in one snapshot in memory, so that an offer costs
 * no round trip. Bound as a singleton: each instance has a snapshot of its own.
 */
@injectable()
export class SqlModelCatalog implements ModelCatalog {
  private snapshot: ModelSnapshot | null = null;
  private renewal: Promise<ModelSnapshot> | null = null;

  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async offer(model: string, at: Date): Promise<ModelOffer> {
    return (await this.completeAt(at)).offer(model, at);
  }

  async list(at: Date): Promise<readonly ModelOffer[]> {
    return (await this.completeAt(at)).list(at);
  }

  async price(id: ModelPriceId): Promise<ModelPrice> {
    const known = this.snapshot?.findPrice(id);
    if (known) return known;
    const [row] = await this.database.reader.query<ModelPriceRow[]>(
      `select ${PRICE_COLUMNS} from model_prices p where p.id = $1`,
      [id],
    );
    if (!row) throw new Error(`There is no model price ${id}: an entry names one that was never added.`);
    return modelPriceOf(row);
  }

  /** The snapshot in memory; one read for the purpose when it does not reach back to `at`. */
  private async completeAt(at: Date): Promise<ModelSnapshot> {
    const current = await this.current();
    return at < current.completeFrom ? this.read(at) : current;
  }

  private async current(): Promise<ModelSnapshot> {
    const { snapshot } = this;
    // A clock that went back says nothing about the age of anything.
    const age = snapshot && this.clock.now().getTime() - snapshot.readAt.getTime();
    if (snapshot === null || age === null || age < 0 || age > USABLE_MS) return this.renewed();
    if (age > FRESH_MS && this.renewal === null) {
      this.renewed().catch((error: unknown) => {
        this.log.error(error, { age_ms: age }, 'Model prices could not be read again; those in memory are used.');
      });
    }
    return snapshot;
  }

  /** One renewal at a time: whoever comes while one runs waits for that. */
  private renewed(): Promise<ModelSnapshot> {
    this.renewal ??= OUTSIDE.runInAsyncScope(async () => {
      try {
        const now = this.clock.now();
        this.snapshot = await this.read(new Date(now.getTime() - LOOK_BACK_MS));
        return this.snapshot;
      } finally {
        this.renewal = null;
      }
    });
    return this.renewal;
  }

  /** All that is in force at `from` or comes later. */
  private async read(from: Date): Promise<ModelSnapshot> {
    const readAt = this.clock.now();
    // A route is added with the prices it leads to: whoever reads it first finds those too.
    const routes = await this.database.reader.query<ModelRouteRow[]>(
      `select r.model, r.effective_from, r.targets, r.source from model_routes r
        where not exists (select from model_routes successor
                           where successor.model = r.model
                             and successor.effective_from > r.effective_from and successor.effective_from <= $1)`,
      [from],
    );
    const prices = await this.database.reader.query<ModelPriceRow[]>(
      `select ${PRICE_COLUMNS} from model_prices p
        where not exists (select from model_prices successor
                           where successor.provider = p.provider and successor.model = p.model
                             and successor.effective_from > p.effective_from and successor.effective_from <= $1)`,
      [from],
    );
    return new ModelSnapshot(from, readAt, prices.map(modelPriceOf), routes.map(modelRouteOf));
  }
}

/** What one request reads for all is read outside the transaction of that request, which may be undone, or be over before. */
const OUTSIDE = new AsyncResource('SqlModelCatalog');
