import { BudgetExceeded } from '#domain/budgets/budget-ledger';
import { type BudgetStrategy, strategyAt } from '#domain/budgets/budget-strategy';
import { type CreditHold, CreditHoldClosed } from '#domain/credits/credit-hold';
import type { AiOutcome } from '#domain/providers/ai-usage-log';
import { ModelCatalog } from '#domain/providers/model-catalog';
import type { ModelPrice } from '#domain/providers/model-price';
import { DomainException, InvalidValue } from '#domain/shared/domain-exception';
import type { Money } from '#domain/shared/money';
import type { Caller } from '../accounts/authentication.js';
import type { HoldRequest } from '../credits/credit-ledger.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Telemetry } from '../ports/telemetry.js';
import { Log } from '../ports/log.js';
import { type Span, Tracing } from '../ports/tracing.js';
import { UseCase } from '../use-case.js';
import { type AiAsk, ClientGone, type Departure, TookTooLong } from './ai-ask.js';
import {
  type AiProvider,
  AiProviders,
  type ProviderAnswer,
  ProviderFault,
  ProviderRefusal,
  type StreamedAnswer,
} from './ai-provider.js';
import { AiSettlement } from './ai-settlement.js';
import type { AnswerSink } from './answer-sink.js';
import { GatewaySettings } from './gateway-settings.js';
import { ProviderLatencies } from './provider-latencies.js';
import { ProviderFailover } from './provider-failover.js';
import { type PricedTarget, ProviderRanking } from './provider-ranking.js';
import type { HeldRequest } from './ai-holds.js';
import { type ProviderCost, RequestHold } from './request-hold.js';
import { type Decided, requestEnd, RequestInFlight } from './request-in-flight.js';
import { RunningRequests } from './running-requests.js';
import { attributesOf, endOf } from './span-attributes.js';
import { unlessAborted } from './unless-aborted.js';
import { type AnswerToKeep, answerToKeep } from './whole-answer.js';

/** Each costs the next one a round trip more. */
const MOST_TRIES_WITH_A_KEY = 20;

/**
 * Carries one request through the gateway: priced, held for, sent, metered, settled. Everything that refuses it comes before
 * the hold; after the hold it is settled exactly once, whatever happens.
 */
@UseCase()
export class MeteredRequest {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly providers: AiProviders,
    private readonly failover: ProviderFailover,
    private readonly latencies: ProviderLatencies,
    private readonly ranking: ProviderRanking,
    private readonly holds: RequestHold,
    private readonly settlement: AiSettlement,
    private readonly running: RunningRequests,
    private readonly settings: GatewaySettings,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly telemetry: Telemetry,
    private readonly tracing: Tracing,
    private readonly log: Log,
  ) {}

  /**
   * Answers into `sink`. `gone` is aborted, with ClientGone, when the caller left: what comes in pieces is cut off then, unless
   * its last piece was delivered already, and what was delivered is charged; what comes whole was ordered, and is waited for
   * and charged like any other.
   * Throws before anything is written to the sink: ModelNotFound, ModelUnpriced, UnitNotPriced, ModelForAnotherTask,
   * NoProviderConfigured, InsufficientCredits, BudgetExceeded, CreditRequestReused and CreditHoldClosed (an Idempotency-Key that was
   * used), KeyTriedTooOften, RequestRunning, ProviderRefusal, AllProvidersFailed, CircuitBreakerOpen, ClientGone and TookTooLong.
   */
  async execute(caller: Caller, ask: AiAsk, sink: AnswerSink, gone: Departure): Promise<void> {
    const span = this.tracing.begin(`${ask.task} ${ask.model}`, attributesOf(ask), ask.traceparent);
    try {
      await this.running.track(this.admitted(caller, ask, sink, gone, span));
      span.end();
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  private async admitted({ userId }: Caller, ask: AiAsk, sink: AnswerSink, gone: Departure, span: Span): Promise<void> {
    const startedAt = this.clock.now();
    const { markup, longestMs, drainMs } = this.settings;
    const { targets, price, most } = await this.priced(ask, startedAt);
    const candidates = this.ranking.priced(targets, ask.demand);
    const work = new AbortController();
    const late = setTimeout(() => work.abort(new TookTooLong()), longestMs);
    let drained: NodeJS.Timeout | undefined;
    try {
      const id = this.ids.next<'AiUsageLog'>();
      const asked = { id, userId, ask, price, markup, most, startedAt };
      const { hold, strategy, targets: ranked } = await this.held(asked, candidates, span);
      // Written out here and elsewhere on this path: an object that is spread and added to takes 2 to 6 µs.
      const decided = { id, userId, ask, price, targets: ranked, strategy, markup, most, startedAt };
      const request = new RequestInFlight(decided, hold);
      const depart = (): void => {
        if (request.isOrdered) drained = setTimeout(() => work.abort(gone.reason), drainMs);
        else work.abort(gone.reason);
      };
      if (gone.aborted) depart();
      gone.addEventListener('abort', depart, { once: true });
      await this.carried(request, sink, work.signal, span);
    } finally {
      clearTimeout(late);
      clearTimeout(drained);
    }
  }

  private async priced(ask: AiAsk, at: Date): Promise<Pick<Decided, 'targets' | 'price' | 'most'>> {
    const offer = await this.catalog.offer(ask.model, at);
    const able = offer.targets.filter(({ modality }) => modality === ask.task);
    if (able.length === 0) throw new ModelForAnotherTask(ask.model, offer.targets[0]!.modality, ask.task);
    const [price, ...others] = able as [ModelPrice, ...ModelPrice[]];
    const most = price.mostOf(ask.demand, this.settings.markup);
    // Whoever cannot be charged for it is not asked.
    const targets = [price, ...others.filter((other) => other.covers(ask.demand))];
    return { targets: this.failover.targets({ model: offer.model, targets }, ask.task, ask.dialect), price, most };
  }

  /** Holds for the dearest of those who may be asked; where a budget would rather have the cheapest than none, for that one. */
  private async held(asked: Asked, candidates: readonly PricedTarget[], span: Span): Promise<Held> {
    const work = span.child('hold');
    try {
      const held = await this.heldFor(asked, candidates).catch((error: unknown) => {
        const isElseCheapest = error instanceof BudgetExceeded && error.mode === 'fallback';
        if (!isElseCheapest || candidates.length === 1) throw error;
        return this.heldFor(asked, [cheapestOf(candidates)]);
      });
      work.end();
      if (held.hold) this.telemetry.aiHoldsOpen(1);
      return held;
    } catch (error) {
      work.end(error);
      throw error;
    }
  }

  private async heldFor(asked: Asked, candidates: readonly PricedTarget[]): Promise<Held> {
    const cost = { most: dearestOf(candidates).most, at: asked.startedAt };
    const { hold, level } = await this.place(asked, cost);
    const strategy = strategyAt(level);
    return { hold, strategy, targets: this.ranking.ranked(candidates, strategy) };
  }

  private async place(asked: Asked, cost: ProviderCost): Promise<Pick<Held, 'hold'> & Pick<HeldRequest, 'level'>> {
    const { id, userId, ask, price, markup, most, startedAt } = asked;
    if (!most.isPositive) {
      const expiresAt = new Date(startedAt.getTime() + this.settings.holdMs);
      return { hold: null, level: await this.holds.free(userId, RequestInFlight.requestId(asked), cost, expiresAt) };
    }
    const held = await this.paid(asked, cost, {
      amount: most,
      description: `${ask.model} (${ask.task})`,
      lifetimeMs: this.settings.holdMs,
      metadata: {
        ai_usage_log_id: id,
        trace_id: ask.traceId,
        endpoint: ask.endpoint,
        modality: price.modality,
        streamed: ask.stream,
        requested_model: ask.model,
        price_id: price.id,
        markup_bp: markup,
      },
      // What a crash of the database forgets of it, the settlement is given again.
      durable: false,
    });
    // One key is one hold: a second request with it is answered the hold of the first.
    if (held.hold.metadata['ai_usage_log_id'] !== id) throw new RequestRunning(ask.idempotencyKey);
    return held;
  }

  /** Of what was asked for with a key, and cost nothing, the next try has a hold of its own: one after the other, never two. */
  private async paid(asked: Asked, cost: ProviderCost, wanted: Omit<HoldRequest, 'requestId'>): Promise<HeldRequest> {
    for (let time = 1; ; time += 1) {
      try {
        const requestId = RequestInFlight.requestId(asked, time);
        return await this.holds.execute(asked.userId, { requestId, ...wanted }, cost);
      } catch (error) {
        if (!(error instanceof CreditHoldClosed && wasFree(error))) throw error;
        if (time === MOST_TRIES_WITH_A_KEY) throw new KeyTriedTooOften(asked.ask.idempotencyKey);
      }
    }
  }

  private async carried(request: RequestInFlight, sink: AnswerSink, signal: AbortSignal, span: Span): Promise<void> {
    let answer: ProviderAnswer;
    try {
      signal.throwIfAborted();
      answer = await this.asked(request, signal, span);
    } catch (error) {
      await this.settled(request, outcomeOf(error), span);
      throw error;
    }
    if (answer.kind === 'stream') return this.streamed(request, answer, sink, signal, span);
    const cost = await this.settled(request, 'completed', span, answerToKeep(request.decided.ask, answer));
    sink.begin(request.head(answer.contentType, this.isSimulated(request.target), cost));
    // Nothing comes after it: that it is read is waited for by the connection alone.
    void sink.write(answer.body);
    sink.end(cost);
  }

  private async asked(request: RequestInFlight, signal: AbortSignal, span: Span): Promise<ProviderAnswer> {
    const { ask, targets } = request.decided;
    request.isSent = true;
    const { task, dialect, body, audio, stream, traceId: requestId } = ask;
    const send = async (provider: AiProvider, { model, traits }: ModelPrice): Promise<ProviderAnswer> => {
      const { maxOutputTokens } = traits;
      const attempt = span.child(`provider ${provider.name}`, { 'gen_ai.request.model': model });
      const began = this.clock.now().getTime();
      try {
        const answer = await provider.send({
          task,
          dialect,
          model,
          body,
          audio,
          maxOutputTokens,
          stream,
          requestId,
          signal,
        });
        attempt.end();
        this.latencies.observe(provider.name, this.clock.now().getTime() - began);
        return answer;
      } catch (error) {
        attempt.end(error);
        throw error;
      }
    };
    const { answer, target } = await this.failover.executeWithFailover(targets, request.attempts, signal, send);
    request.answered(target, answer, this.clock.now());
    return answer;
  }

  private async streamed(
    request: RequestInFlight,
    { pieces }: StreamedAnswer,
    sink: AnswerSink,
    signal: AbortSignal,
    span: Span,
  ): Promise<void> {
    let broken: unknown = null;
    let isBegun = false;
    try {
      for await (const piece of pieces) {
        // Within the loop, whose end closes the exchange with the provider whatever is thrown here.
        if (!isBegun)
          sink.begin(request.head('text/event-stream; charset=utf-8', this.isSimulated(request.target), null));
        isBegun = true;
        const full = sink.write(piece);
        // Somebody who stays and reads nothing is waited for no longer than the request may take.
        if (full) await unlessAborted(full, signal);
        signal.throwIfAborted();
      }
    } catch (error) {
      broken = error;
    }
    if (broken === null) return sink.end(await this.settled(request, 'completed', span));
    const outcome = signal.aborted ? outcomeOf(signal.reason) : 'cut_short';
    const cost = await this.settled(request, outcome, span);
    if (outcome !== 'client_gone') sink.fail(faultOf(broken));
    sink.end(cost);
    if (broken instanceof ProviderFault)
      await this.failover.markFailed(request.target, broken, request.decided.startedAt);
    // A fault of our own in mid-answer is charged and told like the provider's, and is for the log, too.
    if (!signal.aborted && !(broken instanceof ProviderFault))
      throw new Error('An answer broke off.', { cause: broken });
  }

  /** What the caller paid; null while that could not be written. */
  private async settled(
    request: RequestInFlight,
    outcome: AiOutcome,
    span: Span,
    keep: AnswerToKeep | null = null,
  ): Promise<Money | null> {
    const entry = request.entry(outcome, this.clock.now());
    const work = span.child('settle');
    const isWritten = await this.settlement.execute(request.hold, entry, keep);
    work.end();
    if (request.isCutDown) {
      const { provider, model, requestId } = entry;
      this.log.warn({ provider, model, ai_request_id: requestId }, 'A provider reported more than there can be.');
    }
    if (request.hold) this.telemetry.aiHoldsOpen(-1);
    span.set(endOf(entry));
    this.telemetry.aiRequestEnded(requestEnd(entry));
    return isWritten ? entry.cost : null;
  }

  private isSimulated({ provider }: ModelPrice): boolean {
    return this.providers.find(provider)!.simulated;
  }
}

/** What is known of a request before it is held for. */
type Asked = Omit<Decided, 'targets' | 'strategy'>;

interface Held {
  /** Null when nothing it can use has a price above zero. */
  readonly hold: CreditHold | null;
  readonly strategy: BudgetStrategy;
  readonly targets: readonly ModelPrice[];
}

function dearestOf(candidates: readonly PricedTarget[]): PricedTarget {
  return candidates.reduce((dearest, one) => (dearest.most.isLessThan(one.most) ? one : dearest));
}

function cheapestOf(candidates: readonly PricedTarget[]): PricedTarget {
  return candidates.reduce((cheapest, one) => (one.most.isLessThan(cheapest.most) ? one : cheapest));
}

/** It failed, or its process died and its hold ran out: either way nothing was charged, and nothing will be. */
function wasFree({ facts }: CreditHoldClosed): boolean {
  return facts['settled_micros'] === 0 || facts['state'] === 'expired' || facts['state'] === 'released';
}

function outcomeOf(error: unknown): AiOutcome {
  if (error instanceof ClientGone) return 'client_gone';
  if (error instanceof TookTooLong) return 'timed_out';
  if (error instanceof ProviderRefusal) return 'refused';
  return 'failed';
}

function faultOf(error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  const kind = error instanceof TookTooLong ? 'timeout' : 'server_error';
  return new ProviderFault(kind, 'The answer ended early.', null, null, { cause: error });
}

/** A model of another kind: it cannot be chatted with, or draws nothing. */
export class ModelForAnotherTask extends InvalidValue {
  constructor(model: string, modality: string, task: string) {
    const message = `${model} is a model for ${modality}, and this request is for ${task}. GET /v1/models lists what each is for.`;
    super('model_for_another_task', message, { model, modality, task });
  }
}

/** Another request with this key is at work. */
export class RequestRunning extends DomainException {
  constructor(key: string | null) {
    super(
      'idempotency_key_in_use',
      'A request with this Idempotency-Key is still running. Ask again in a moment for its answer.',
      { idempotency_key: key },
      'conflict',
    );
  }
}

/** Every request with this key failed, and cost nothing. */
export class KeyTriedTooOften extends DomainException {
  constructor(key: string | null) {
    super(
      'idempotency_key_exhausted',
      `${MOST_TRIES_WITH_A_KEY} requests with this Idempotency-Key failed, and nothing was charged for any of them. Use a new key.`,
      { idempotency_key: key, tries: MOST_TRIES_WITH_A_KEY },
      'conflict',
    );
  }
}
