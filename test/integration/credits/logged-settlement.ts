import type { CreditLedger } from '#application/credits/credit-ledger';
import type { Clock } from '#application/ports/clock';
import type { IdGenerator } from '#application/ports/id-generator';
import type { UserId } from '#domain/accounts/user';
import type { CreditSettlement } from '#domain/credits/credit-account';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { AiUsageLog, AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { World } from '#test/contracts/world';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';

/** A settlement of AI work, whose entry of the log has this id. */
export interface LoggedSettlement extends CreditSettlement {
  readonly logId: AiUsageLogId | null;
}

export function entryOf(userId: UserId, { requestId, amount: cost }: CreditSettlement, id: AiUsageLogId): AiUsageLog {
  return anAiUsageLog(userId, requestId, { id, cost });
}

/** As the gateway settles: in one round trip where that is possible, and else by the rules, with the entry of the log. */
export class Settling {
  constructor(
    private readonly world: World,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    /** How many were settled in one round trip, and how many by the rules. */
    private readonly seen: { atOnce: number; byTheRules: number },
  ) {}

  async settle(ledger: CreditLedger, userId: UserId, { logId, ...settlement }: LoggedSettlement): Promise<CreditHold> {
    if (logId === null) return ledger.settle(userId, settlement);
    const { aiLogs, credits, transaction } = this.world;
    const { requestId } = settlement;
    const entry = entryOf(userId, settlement, logId);
    const at = { now: this.clock.now(), nextId: () => this.ids.next<'CreditTransaction'>() };
    if (await aiLogs.settleAtOnce(entry, settlement, at)) {
      this.seen.atOnce++;
      const { holds } = await transaction.run(() => credits.open(userId, requestId, at.now));
      return holds.find((hold) => hold.requestId === requestId)!;
    }
    const hold = await transaction.run(async () => {
      const settled = await ledger.settle(userId, settlement);
      await aiLogs.append(entry);
      return settled;
    });
    this.seen.byTheRules++;
    return hold;
  }
}
