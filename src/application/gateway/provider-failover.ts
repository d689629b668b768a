import type { AiAttempt } from '#domain/providers/ai-usage-log';
import type { ModelOffer } from '#domain/providers/model-catalog';
import type { ModelPrice } from '#domain/providers/model-price';
import { DomainException } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Telemetry } from '../ports/telemetry.js';
import { UseCase } from '../use-case.js';
import {
  type AiProvider,
  AiProviders,
  type AiTask,
  type Dialect,
  type FaultKind,
  ProviderFault,
  ProviderRefusal,
} from './ai-provider.js';
import { Circuits } from './circuits.js';

/** Who is asked, in which order, and who is left alone for a while. Fails over before the first piece of an answer only. */
@UseCase()
export class ProviderFailover {
  constructor(
    private readonly providers: AiProviders,
    private readonly circuits: Circuits,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly log: Log,
  ) {}

  /**
   * The targets of an offer that are configured here and serve the task in the dialect, in order of preference. Simulated
   * providers answer only when no real one of the offer is configured: a sandbox is never what an outage falls back to.
   * Throws NoProviderConfigured.
   */
  targets(offer: ModelOffer, task: AiTask, dialect: Dialect): readonly ModelPrice[] {
    const configured = offer.targets.flatMap((target) => {
      const provider = this.providers.find(target.provider);
      return provider ? [{ provider, target }] : [];
    });
    const real = configured.filter(({ provider }) => !provider.simulated);
    const serving = (real.length > 0 ? real : configured).filter(({ provider }) => provider.serves(task, dialect));
    if (serving.length === 0) throw new NoProviderConfigured(offer, task, dialect);
    return serving.map(({ target }) => target);
  }

  /**
   * The next one to ask, after those that were tried; null when none is left. Skips those whose circuit is open. Where it
   * is half open the answer is its only probe, which ends when the target is marked as failed or succeeded.
   */
  async getNextProvider(targets: readonly ModelPrice[], tried: readonly ModelPrice[]): Promise<ModelPrice | null> {
    for (const target of targets) {
      if (tried.some((one) => isSame(one, target))) continue;
      if (await this.circuits.admit(keysOf(target))) return target;
    }
    return null;
  }

  /** Whether it is not asked at all at present. One that is half open may be asked by one request at a time. */
  async isCircuitOpen(target: ModelPrice): Promise<boolean> {
    const states = await Promise.all(keysOf(target).map((key) => this.circuits.stateOf(key)));
    return states.includes('open');
  }

  /**
   * Never rejects. `askedAt` is when the request that failed was sent: what was sent before a circuit opened is no news. An
   * answer that cannot be read counts for nobody: options of one caller can bring it about, and must not close a provider to all.
   */
  async markFailed(target: ModelPrice, fault: ProviderFault, askedAt = this.clock.now()): Promise<void> {
    const { provider, model } = target;
    const { kind, status, retryAfterMs, message } = fault;
    this.telemetry.aiProviderFailed(provider, kind);
    this.log.warn(
      { provider, model, fault: kind, status, retry_after_ms: retryAfterMs, detail: message },
      'A provider failed.',
    );
    if (kind === 'invalid_answer') return this.markUnjudged(target, askedAt);
    const [whole, one] = keysOf(target);
    // A route to a model that does not exist says nothing about the provider's other models; nor does a sandbox that fails on demand.
    const concernsOne = kind === 'model_not_found' || this.providers.find(provider)!.simulated;
    const [failed, other] = concernsOne ? [one, whole] : [whole, one];
    const asksForAPause = kind === 'rate_limited' || kind === 'overloaded';
    await this.circuits.failed(failed, asksForAPause ? retryAfterMs : null, askedAt);
    await this.circuits.released(other, askedAt);
  }

  /** Never rejects. `askedAt` is when the request that was answered was sent. */
  async markSucceeded(target: ModelPrice, askedAt = this.clock.now()): Promise<void> {
    const [whole, one] = keysOf(target);
    await this.circuits.succeeded(whole, askedAt);
    if (this.circuits.knows(one)) await this.circuits.succeeded(one, askedAt);
  }

  /** What ended without saying anything about the provider: if it was a probe, another may be sent. Never rejects. */
  async markUnjudged(target: ModelPrice, askedAt = this.clock.now()): Promise<void> {
    for (const key of keysOf(target)) await this.circuits.released(key, askedAt);
  }

  /**
   * Asks one target after the other until one answers; `attempts` is filled as it goes. Throws ProviderRefusal, which
   * neither fails over nor counts; the signal's reason when it is aborted, which does not count either; CircuitBreakerOpen
   * when every circuit was open before anything was asked; AllProvidersFailed otherwise.
   */
  async executeWithFailover<T>(
    targets: readonly ModelPrice[],
    attempts: AiAttempt[],
    signal: AbortSignal,
    ask: (provider: AiProvider, target: ModelPrice) => Promise<T>,
  ): Promise<{ readonly answer: T; readonly target: ModelPrice }> {
    const tried: ModelPrice[] = [];
    const faults: ProviderFault[] = [];
    for (;;) {
      signal.throwIfAborted();
      const target = await this.getNextProvider(targets, tried);
      if (target === null) break;
      const askedAt = this.clock.now();
      if (signal.aborted) await this.markUnjudged(target, askedAt);
      signal.throwIfAborted();
      tried.push(target);
      const tell = (result: string): void => {
        const ms = this.clock.now().getTime() - askedAt.getTime();
        attempts.push({ provider: target.provider, model: target.model, result, ms });
      };
      try {
        const answer = await ask(this.providerOf(target), target);
        tell('answered');
        await this.markSucceeded(target, askedAt);
        return { answer, target };
      } catch (error) {
        if (!signal.aborted && error instanceof ProviderFault) {
          tell(error.kind);
          faults.push(error);
          await this.markFailed(target, error, askedAt);
          continue;
        }
        if (signal.aborted) tell('aborted');
        else if (error instanceof ProviderRefusal) tell('refused');
        await this.markUnjudged(target, askedAt);
        throw signal.aborted ? signal.reason : error;
      }
    }
    if (tried.length === 0) throw new CircuitBreakerOpen(targets, this.shortestWait(targets));
    throw new AllProvidersFailed(attempts, faults);
  }

  private providerOf({ provider: name }: ModelPrice): AiProvider {
    const provider = this.providers.find(name);
    if (!provider) throw new Error(`${name} is a target, but not configured.`);
    return provider;
  }

  private shortestWait(targets: readonly ModelPrice[]): number {
    const waits = targets.map((target) => Math.max(...keysOf(target).map((key) => this.circuits.waitFor(key))));
    return Math.min(...waits);
  }
}

export class NoProviderConfigured extends DomainException {
  constructor({ model, targets }: ModelOffer, task: AiTask, dialect: Dialect) {
    const providers = [...new Set(targets.map(({ provider }) => provider))];
    super(
      'provider_not_configured',
      `${model} is routed to ${providers.join(', ')}, but none of them is configured here for ${task} requests in the ` +
        `${dialect} format. An operator configures one, or ask for another model of GET /v1/models.`,
      { model, task, providers },
      'unavailable',
    );
  }
}

/** Every provider that was asked failed. Nothing of what they said is told: it can quote what is ours alone. */
export class AllProvidersFailed extends DomainException {
  readonly faults: readonly FaultKind[];
  /** When one of them may answer again: known when all of them were too busy for us, and null otherwise. */
  readonly retryAfterMs: number | null;

  constructor(
    readonly attempts: readonly AiAttempt[],
    faults: readonly ProviderFault[],
  ) {
    const tried = attempts.map(({ provider, model, result }) => `${provider} ${model}: ${result}`);
    super(
      'all_providers_failed',
      `Every provider that was asked failed (${tried.join('; ')}). Nothing was charged. Try again later, or another model.`,
      { attempts: tried },
      'unavailable',
    );
    this.faults = faults.map(({ kind }) => kind);
    const hints = faults.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
    const busy = this.faults.every((kind) => kind === 'rate_limited');
    this.retryAfterMs = busy && hints.length > 0 ? Math.min(...hints) : null;
  }
}

/** None was asked, because all of them failed too often of late. */
export class CircuitBreakerOpen extends DomainException {
  constructor(
    targets: readonly ModelPrice[],
    /** Until the first of them may be asked again. */
    readonly retryAfterMs: number,
  ) {
    const providers = [...new Set(targets.map(({ provider }) => provider))];
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super(
      'circuit_breaker_open',
      `${providers.join(', ')} failed too often of late and ${providers.length > 1 ? 'are' : 'is'} left alone for now. ` +
        `Nothing was charged. Try again in ${seconds} seconds, or another model.`,
      { providers, retry_after_seconds: seconds },
      'unavailable',
    );
  }
}

/** The circuits that concern a target: the whole provider's, and the one model's. */
function keysOf({ provider, model }: ModelPrice): readonly [string, string] {
  return [provider, `${provider}/${model}`];
}

function isSame(one: ModelPrice, other: ModelPrice): boolean {
  return one.provider === other.provider && one.model === other.model;
}
