import { injectable } from 'inversify';
import type {
  PaymentReconciliationLog,
  PaymentReconciliationRun,
  PaymentRepair,
} from '#application/payments/payment-reconciliation-log';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlPaymentReconciliationLog implements PaymentReconciliationLog {
  constructor(private readonly database: TypeOrmTransaction) {}

  async append(run: PaymentReconciliationRun): Promise<void> {
    const { id, actor, beganAt, endedAt, since, examined, failed, repairs } = run;
    const kept = repairs.map(({ paymentId, before, after }) => ({ payment_id: paymentId, before, after }));
    await this.database.writer.query(
      `insert into payment_reconciliations (id, actor, began_at, ended_at, since, examined, repaired, failed, repairs)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, actor, beganAt, endedAt, since, examined, repairs.length, failed, JSON.stringify(kept)],
    );
  }

  async latest(): Promise<PaymentReconciliationRun | null> {
    const [row] = await this.database.reader.query<Row[]>(
      `select id, actor, began_at, ended_at, since, examined, failed, repairs
         from payment_reconciliations
        order by ended_at desc, id desc
        limit 1`,
    );
    return row ? runOf(row) : null;
  }
}

interface Row {
  readonly id: PaymentReconciliationRun['id'];
  readonly actor: string;
  readonly began_at: Date;
  readonly ended_at: Date;
  readonly since: Date;
  readonly examined: number;
  readonly failed: number;
  readonly repairs: readonly (Omit<PaymentRepair, 'paymentId'> & { readonly payment_id: PaymentRepair['paymentId'] })[];
}

function runOf({ id, actor, began_at, ended_at, since, examined, failed, repairs }: Row): PaymentReconciliationRun {
  return {
    id,
    actor,
    beganAt: began_at,
    endedAt: ended_at,
    since,
    examined,
    failed,
    repairs: repairs.map(({ payment_id, before, after }) => ({ paymentId: payment_id, before, after })),
  };
}
