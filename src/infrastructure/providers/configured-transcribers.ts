import { type Transcriber } from '#application/sessions/transcriber';
import { ProviderUnknown, type Transcribers } from '#application/sessions/transcribers';

export class ConfiguredTranscribers implements Transcribers {
  constructor(readonly all: readonly Transcriber[]) {
    if (all.length === 0) throw new Error('At least one transcriber must be configured.');
  }

  get(name: string): Transcriber {
    const found = name === 'auto' ? this.all[0] : this.all.find(({ provider }) => provider === name);
    if (!found)
      throw new ProviderUnknown(
        name,
        this.all.map(({ provider }) => provider),
      );
    return found;
  }
}
