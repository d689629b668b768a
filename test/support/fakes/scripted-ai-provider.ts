import type {
  AiProvider,
  AiProviders,
  AiTask,
  Dialect,
  PlainAnswer,
  ProviderAnswer,
  ProviderRequest,
} from '#application/gateway/ai-provider';

export type Script = ProviderAnswer | Error | ((request: ProviderRequest) => Promise<ProviderAnswer>);

/** Answers what it is told to, in order and then the last for ever; an error is thrown. Remembers what it was asked. */
export class ScriptedAiProvider implements AiProvider {
  readonly requests: ProviderRequest[] = [];
  answers: Script[] = [aPlainAnswer()];

  constructor(
    readonly name: string = 'openai',
    readonly simulated = false,
    /** `openai chat` and the like; null when it serves everything. */
    private readonly served: readonly `${Dialect} ${AiTask}`[] | null = null,
  ) {}

  serves(task: AiTask, dialect: Dialect): boolean {
    return this.served?.includes(`${dialect} ${task}`) ?? true;
  }

  async send(request: ProviderRequest): Promise<ProviderAnswer> {
    this.requests.push(request);
    request.signal.throwIfAborted();
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(request) : answer;
  }
}

export class ScriptedAiProviders implements AiProviders {
  constructor(readonly all: readonly AiProvider[]) {}

  find(name: string): AiProvider | null {
    return this.all.find((provider) => provider.name === name) ?? null;
  }
}

export function aPlainAnswer(of: Partial<PlainAnswer> = {}): PlainAnswer {
  return {
    kind: 'plain',
    contentType: 'application/json',
    body: '{}',
    usage: { quantities: { input_token: 10, output_token: 5 }, source: 'provider', image: null },
    ...of,
  };
}
