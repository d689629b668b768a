import type { AiProvider, AiProviders } from '#application/gateway/ai-provider';

export class ConfiguredAiProviders implements AiProviders {
  private readonly byName: ReadonlyMap<string, AiProvider>;

  constructor(readonly all: readonly AiProvider[]) {
    this.byName = new Map(all.map((provider) => [provider.name, provider]));
  }

  find(name: string): AiProvider | null {
    return this.byName.get(name) ?? null;
  }
}
