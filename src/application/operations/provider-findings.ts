import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { AiProviders } from '../gateway/ai-provider.js';
import { Circuits } from '../gateway/circuits.js';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { type Finding, ok } from './finding.js';

/** What there is to say of AI providers, and of the money that they get. */
@UseCase()
export class ProviderFindings {
  constructor(
    private readonly providers: AiProviders,
    private readonly circuits: Circuits,
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<readonly Finding[]> {
    return [await this.configured(), await this.globalBudget()];
  }

  private async configured(): Promise<Finding> {
    const names = this.providers.all.map(({ name, simulated }) => (simulated ? `${name} (made-up answers)` : name));
    if (names.length === 0) {
      return {
        check: 'ai_providers',
        verdict: 'warning',
        summary: 'No AI provider is configured: every request to /v1 is refused.',
        next: 'Give this service the key of a provider, such as OPENAI_API_KEY or ANTHROPIC_API_KEY.',
      };
    }
    const known = new Set(this.providers.all.map(({ name }) => name));
    const open = [...(await this.circuits.snapshot())]
      .filter(([key, { state }]) => state !== 'closed' && known.has(key.split('/')[0]!))
      .map(([key, { openUntil }]) => (openUntil === null ? key : `${key} (until ${openUntil.toISOString()})`));
    if (open.length === 0) return ok('ai_providers', `Configured, and asked: ${names.join(', ')}.`);
    return {
      check: 'ai_providers',
      verdict: 'warning',
      summary: `Configured: ${names.join(', ')}. Not asked at present, because they failed: ${open.join(', ')}.`,
      next: 'Each is tried again by itself when its time is over. Look for its failures in the log, and at what the provider says of its own state.',
    };
  }

  private async globalBudget(): Promise<Finding> {
    const { budget, limit, spend, level, period, basisPointsUsed } = await this.budgets.status(
      GLOBAL_BUDGET,
      this.clock.now(),
    );
    const percent = Number(basisPointsUsed) / 100;
    const summary = `The global budget is ${level}: ${percent} % of ${dollars(limit.micros)} spent (${dollars(spend.used.micros)}), ${dollars(spend.held.micros)} held, until ${period.end.toISOString()}.`;
    if (level === 'green' || level === 'yellow') return ok('budgets', summary);
    const refuses = level === 'critical' && budget.mode !== 'alert_only';
    return {
      check: 'budgets',
      verdict: refuses ? 'unavailable' : 'warning',
      summary: refuses ? `${summary} What costs provider money is refused.` : summary,
      next: 'See who spends with GET /api/v1/admin/overview/users?order=spend; raise the limit with "minutebook budget set", or wait for the next period.',
    };
  }
}

/** To the cent, rounded down. */
function dollars(micros: bigint): string {
  const cents = micros / 10_000n;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')} USD`;
}
