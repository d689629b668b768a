import type { AiProvider, AiProviders } from '#application/gateway/ai-provider';
import { Concealment, type UpstreamSecrets } from './concealment.js';

/** A provider that is asked over the network, with a key that is ours. */
export interface OutsideProvider extends AiProvider {
  readonly secrets: UpstreamSecrets;
  conceal(concealment: Concealment): void;
}

/** What one of them says never has a key or an address of any of them in it: servers stand before servers. */
export class ConfiguredAiProviders implements AiProviders {
  private readonly byName: ReadonlyMap<string, AiProvider>;

  constructor(readonly all: readonly AiProvider[]) {
    this.byName = new Map(all.map((provider) => [provider.name, provider]));
    const outside = all.filter(isOutside);
    const concealment = new Concealment(outside.map(({ secrets }) => secrets));
    for (const provider of outside) provider.conceal(concealment);
  }

  find(name: string): AiProvider | null {
    return this.byName.get(name) ?? null;
  }
}

function isOutside(provider: AiProvider): provider is OutsideProvider {
  return 'secrets' in provider && 'conceal' in provider;
}
