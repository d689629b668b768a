import { InvalidValue } from '#domain/shared/domain-exception';
import type { Transcriber } from './transcriber.js';

/** The speech-to-text providers this installation is configured with. */
export abstract class Transcribers {
  /** In the order they are offered; the first is what `auto` means. Never empty. */
  abstract readonly all: readonly Transcriber[];

  /** Throws ProviderUnknown. `auto` names the first. */
  abstract get(name: string): Transcriber;
}

export class ProviderUnknown extends InvalidValue {
  constructor(name: string, configured: readonly string[]) {
    super('unknown_stt_provider', `No provider "${name}" is configured. Choose auto, ${configured.join(', ')}.`, {
      stt_provider: name,
      configured: configured,
    });
  }
}
