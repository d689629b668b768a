import { Client, type ClientConfig } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { TheFirstBook1764547200000 } from '#migrations/1764547200000-the-first-book';
import { DatedPrices1764547200001 } from '#migrations/1764547200001-dated-prices';
import { Credits1764547200002 } from '#migrations/1764547200002-credits';
import { Payments1764547200003 } from '#migrations/1764547200003-payments';
import { Gateway1764547200004 } from '#migrations/1764547200004-gateway';
import { ModelPrices1764547200005 } from '#migrations/1764547200005-model-prices';
import { Budgets1764547200006 } from '#migrations/1764547200006-budgets';
import { ServiceRates1764547200007 } from '#migrations/1764547200007-service-rates';
import { Notifications1764547200008 } from '#migrations/1764547200008-notifications';
import { Subscriptions1764547200009 } from '#migrations/1764547200009-subscriptions';
import { PageSessions1764547200010 } from '#migrations/1764547200010-page-sessions';
import { Refusals1764547200011 } from '#migrations/1764547200011-refusals';
import { Operations1764547200012 } from '#migrations/1764547200012-operations';
import { InvoiceLines1764547200013 } from '#migrations/1764547200013-invoice-lines';
import { BillingTurns1764547200014 } from '#migrations/1764547200014-billing-turns';
import { RequestsInBatches1764547200015 } from '#migrations/1764547200015-requests-in-batches';
import { BatchesByKey1764547200016 } from '#migrations/1764547200016-batches-by-key';
import { DeviceTable } from '../accounts/device.table.js';
import { UserTable } from '../accounts/user.table.js';
import { PaymentCorrectionTable, PaymentTable } from '../payments/payment.table.js';
import { RateCardTable } from '../providers/rate-card.table.js';
import { SessionTable } from '../sessions/session.table.js';
import { TranscriptionAttemptTable } from '../sessions/transcription-attempt.table.js';
import { HoldTable } from '../usage/hold.table.js';
import { UsageLogTable } from '../usage/usage-log.table.js';

export interface DatabaseSettings {
  readonly url: string;
  readonly poolSize: number;
  /** How long a statement may wait for a lock; as long as it takes unless given. */
  readonly lockTimeoutMs?: number;
}

/**
 * A connection whose server died says so by an event, also while nobody asks anything of it; an event of errors that nobody listens to
 * ends the process. Whoever asks next is told by the answer.
 */
class ListenedClient extends Client {
  constructor(settings?: ClientConfig) {
    super(settings);
    this.on('error', () => undefined);
  }
}

/** A request waits this long for a free connection, then is told to come back: the pool is the brake, not a queue. */
const CONNECTION_WAIT_MS = 800;

export function dataSource({ url, poolSize, lockTimeoutMs }: DatabaseSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    connectTimeoutMS: CONNECTION_WAIT_MS,
    // Domain classes insist on valid constructor arguments; rows were valid when they were written.
    entitySkipConstructor: true,
    entities: [
      UserTable,
      DeviceTable,
      SessionTable,
      TranscriptionAttemptTable,
      HoldTable,
      UsageLogTable,
      RateCardTable,
      PaymentTable,
      PaymentCorrectionTable,
    ],
    migrations: [
      TheFirstBook1764547200000,
      DatedPrices1764547200001,
      Credits1764547200002,
      Payments1764547200003,
      Gateway1764547200004,
      ModelPrices1764547200005,
      Budgets1764547200006,
      ServiceRates1764547200007,
      Notifications1764547200008,
      Subscriptions1764547200009,
      PageSessions1764547200010,
      Refusals1764547200011,
      Operations1764547200012,
      InvoiceLines1764547200013,
      BillingTurns1764547200014,
      RequestsInBatches1764547200015,
      BatchesByKey1764547200016,
    ],
    migrationsTransactionMode: 'each',
    applicationName: 'minutebook',
    installExtensions: false,
    extra: { keepAlive: true, lock_timeout: lockTimeoutMs, Client: ListenedClient },
  } satisfies DataSourceOptions);
}
