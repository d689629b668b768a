import { randomBytes } from 'node:crypto';
import { injectable } from 'inversify';
import { PortalNotFound, type SandboxPortalSession } from '#application/billing/sandbox-subscription-desk';
import type { PortalFlow } from '#application/billing/subscription-gateway';
import { Clock } from '#application/ports/clock';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

const HOUR_MS = 60 * 60 * 1000;

/** Portals of the sandbox that were opened: who knows the address of one is in it, for an hour. */
@injectable()
export class SandboxPortalSessions {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly clock: Clock,
  ) {}

  /** Answers its id. Those that are over are cleared away. */
  async open(customerId: string, flow: PortalFlow | null, returnUrl: string): Promise<string> {
    const id = `ps_sandbox_${randomBytes(18).toString('base64url')}`;
    const now = this.clock.now();
    await this.database.run(async () => {
      await this.database.writer.query('delete from sandbox_portal_sessions where expires_at <= $1', [now]);
      await this.database.writer.query(
        `insert into sandbox_portal_sessions (id, customer_id, flow, return_url, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [id, customerId, flow, returnUrl, now, new Date(now.getTime() + HOUR_MS)],
      );
    });
    return id;
  }

  /** Throws PortalNotFound, also for one whose hour is over. */
  async get(portalId: string): Promise<SandboxPortalSession> {
    const [row] = await this.database.reader.query<SandboxPortalSession[]>(
      `select id as "portalId", customer_id as "customerId", flow, return_url as "returnUrl"
         from sandbox_portal_sessions where id = $1 and expires_at > $2`,
      [portalId, this.clock.now()],
    );
    if (!row) throw new PortalNotFound();
    return row;
  }
}
