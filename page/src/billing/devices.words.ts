import { wordsOf } from '../words/page-words';

export interface DeviceWords {
  readonly title: string;
  readonly intro: string;
  readonly count: (active: string, limit: string) => string;
  readonly create: string;
  readonly empty: string;
  readonly active: string;
  readonly name: string;
  readonly key: string;
  readonly created: string;
  readonly seen: string;
  readonly neverUsed: string;
  readonly revokedOn: string;
  readonly revokedOnes: (count: string) => string;
  readonly revoke: string;
  readonly revokeNamed: (name: string) => string;
  readonly revokeTitle: (name: string) => string;
  readonly revokeText: (key: string) => string;
  readonly revoked: (name: string) => string;
  readonly older: string;
  readonly newer: string;
  readonly newTitle: string;
  readonly nameLabel: string;
  readonly nameHint: string;
  readonly nameMissing: string;
  readonly keyTitle: (name: string) => string;
  readonly keyLabel: string;
  readonly once: string;
  readonly kept: string;
  readonly keepFirst: string;
  readonly copyByHand: string;
  readonly lost: string;
  readonly limitReached: (active: string, limit: string) => string;
  readonly nameTaken: string;
  readonly gone: string;
}

export const DEVICES = wordsOf('devices');
