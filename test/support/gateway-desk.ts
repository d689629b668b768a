import type { Caller } from '#application/accounts/authentication';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { AiAsk } from '#application/gateway/ai-ask';
import type { PlainAnswer, StreamedAnswer } from '#application/gateway/ai-provider';
import { AiSettlement } from '#application/gateway/ai-settlement';
import { Circuits } from '#application/gateway/circuits';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { MeteredRequest } from '#application/gateway/metered-request';
import { ProviderRanking } from '#application/gateway/provider-ranking';
import { RequestHold } from '#application/gateway/request-hold';
import { ProviderFailover } from '#application/gateway/provider-failover';
import { ProviderLatencies } from '#application/gateway/provider-latencies';
import { RunningRequests } from '#application/gateway/running-requests';
import type { UserId } from '#domain/accounts/user';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { AiDemand } from '#domain/providers/ai-usage';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import type { ModelPrice } from '#domain/providers/model-price';
import { AMPLE_BUDGETS } from './builders/budgets.js';
import { aCredit } from './builders/credits.js';
import { aModelPrice } from './builders/model-prices.js';
import { FixedModelCatalog } from './fakes/fixed-model-catalog.js';
import { InMemoryAiHolds } from './fakes/in-memory-ai-holds.js';
import { InMemoryBudgetLedger } from './fakes/in-memory-budget-ledger.js';
import { InMemoryAiUsageLogRepository } from './fakes/in-memory-ai-usage-log-repository.js';
import { InMemoryCircuitStore } from './fakes/in-memory-circuit-store.js';
import { InMemoryCreditAccountRepository } from './fakes/in-memory-credit-account-repository.js';
import { InMemoryIdempotentAnswers } from './fakes/in-memory-idempotent-answers.js';
import { InMemoryTransaction } from './fakes/in-memory-transaction.js';
import { InstantPauses } from './fakes/instant-pauses.js';
import { ManualClock } from './fakes/manual-clock.js';
import { RecordingAnswerSink } from './fakes/recording-answer-sink.js';
import { RecordingLog } from './fakes/recording-log.js';
import { RecordingTelemetry } from './fakes/recording-telemetry.js';
import { RecordingTracing } from './fakes/recording-tracing.js';
import { aPlainAnswer, ScriptedAiProvider, ScriptedAiProviders } from './fakes/scripted-ai-provider.js';
import { SequentialIds } from './fakes/sequential-ids.js';

/** A chat of at most 100 tokens in and 50 out, whole, unless told otherwise. */
export function anAsk({ demand, ...of }: Partial<Omit<AiAsk, 'demand'>> & { demand?: Partial<AiDemand> } = {}): AiAsk {
  return {
    traceId: 'req-1',
    endpoint: '/v1/chat/completions',
    task: 'chat',
    dialect: 'openai',
    model: 'small',
    body: { model: 'small' },
    audio: null,
    stream: false,
    demand: {
      inputTokens: 100,
      cacheWrites: false,
      outputTokens: 50,
      choices: 1,
      audioSeconds: 0,
      images: 0,
      image: null,
      ...demand,
    },
    idempotencyKey: null,
    fingerprint: '',
    traceparent: null,
    ...of,
  };
}

/** An answer in pieces, of 10 tokens in and 5 out for each piece that was taken. An error among them is thrown. */
export function aStream(...pieces: readonly (string | Error)[]): StreamedAnswer {
  let taken = 0;
  const flow = async function* (): AsyncGenerator<string> {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece;
      taken++;
      yield piece;
    }
  };
  const usage: StreamedAnswer['usage'] = () => {
    return { quantities: { input_token: 10, output_token: 5 * taken }, source: 'estimate', image: null };
  };
  return { kind: 'stream', pieces: flow(), usage, isFinishing: () => false };
}

/** One process of the gateway over stores in memory. The caller has 1,000 micro-dollars of credit. */
export class GatewayDesk {
  readonly userId = 'ana' as UserId;
  readonly clock = new ManualClock();
  readonly ids = new SequentialIds();
  readonly telemetry = new RecordingTelemetry();
  readonly log = new RecordingLog();
  readonly tracing = new RecordingTracing();
  readonly transaction = new InMemoryTransaction();
  readonly credits = new InMemoryCreditAccountRepository(this.transaction);
  readonly ledger = new CreditLedger(this.credits, this.transaction, this.clock, this.ids);
  readonly budgets = new InMemoryBudgetLedger(this.transaction, this.clock, AMPLE_BUDGETS, () => 'free');
  readonly logs = new InMemoryAiUsageLogRepository(this.transaction, this.budgets);
  readonly answers = new InMemoryIdempotentAnswers(this.transaction);
  readonly pauses = new InstantPauses(this.clock);
  readonly running = new RunningRequests();
  readonly latencies = new ProviderLatencies();
  readonly circuits = new Circuits(new InMemoryCircuitStore(), this.clock, this.telemetry, this.log);
  readonly catalog: FixedModelCatalog;
  readonly failover: ProviderFailover;
  readonly settlement: AiSettlement;
  readonly request: MeteredRequest;

  private constructor(
    targets: readonly ModelPrice[],
    providers: readonly ScriptedAiProvider[],
    settings: GatewaySettings,
  ) {
    const { clock, ids, telemetry, log, transaction, running, pauses, ledger } = this;
    this.catalog = new FixedModelCatalog([{ model: 'small', targets }]);
    const all = new ScriptedAiProviders(providers);
    this.failover = new ProviderFailover(all, this.circuits, clock, telemetry, log);
    this.settlement = new AiSettlement(
      this.logs,
      ledger,
      this.budgets,
      this.answers,
      transaction,
      running,
      clock,
      ids,
      pauses,
      log,
    );
    this.request = new MeteredRequest(
      this.catalog,
      all,
      this.failover,
      this.latencies,
      new ProviderRanking(this.latencies),
      new RequestHold(new InMemoryAiHolds(), ledger, this.budgets, transaction),
      this.settlement,
      running,
      settings,
      clock,
      ids,
      telemetry,
      this.tracing,
      log,
    );
  }

  /** `small` is served by `targets`; `of` is about the settings. */
  static async open(
    targets: readonly ModelPrice[],
    providers: readonly ScriptedAiProvider[],
    of: Partial<Pick<GatewaySettings, 'markup' | 'longestMs' | 'drainMs'>> = {},
  ): Promise<GatewayDesk> {
    const { markup = 0, longestMs = 60_000, drainMs = 60_000 } = of;
    const desk = new GatewayDesk(targets, providers, new GatewaySettings(markup, longestMs, drainMs, 60, 10));
    await desk.ledger.grant(desk.userId, aCredit(1000));
    return desk;
  }

  /** What the caller is answered. Rejects as the request does. */
  async ask(
    ask = anAsk(),
    gone = new AbortController().signal,
    sink = new RecordingAnswerSink(),
  ): Promise<RecordingAnswerSink> {
    await this.request.execute({ userId: this.userId } as Caller, ask, sink, gone);
    return sink;
  }

  get holds(): readonly CreditHold[] {
    return this.transaction.table<CreditHold>('credit_holds').all();
  }

  /** The only entry of the log. */
  get entry(): AiUsageLog {
    const { entries } = this.logs;
    if (entries.length !== 1) throw new Error(`The log has ${entries.length} entries.`);
    return entries[0]!;
  }

  /** Balance and what is held of it, in micro-dollars. */
  async standing(): Promise<readonly [bigint, bigint]> {
    const open = () => this.credits.open(this.userId, null, this.clock.now());
    const { balance, held } = await this.transaction.run(open);
    return [balance.micros, held.micros];
  }
}

export function usedTokens(input: number, output: number): PlainAnswer {
  const quantities = { input_token: input, output_token: output };
  return aPlainAnswer({ usage: { quantities, source: 'provider', image: null } });
}

/**
 * OpenAI serves `small` at 0.15 and 0.60 micro-dollars a token, and answers 80 tokens with 40: 36 of the 45 that `anAsk` can
 * cost at most.
 */
export async function aServedDesk(of: Parameters<typeof GatewayDesk.open>[2] = {}) {
  const [price, openai] = [aModelPrice(), new ScriptedAiProvider('openai')];
  openai.answers = [usedTokens(80, 40)];
  return { price, openai, desk: await GatewayDesk.open([price], [openai], of) };
}
