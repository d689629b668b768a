export interface Served {
  readonly baseUrl: string;
  readonly port: number;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly keys: Readonly<Record<string, string>>;
  readonly seconds: number;
  stop(): Promise<number | null>;
  remove(): Promise<void>;
}

export function startServed(settings?: Readonly<Record<string, string>>): Promise<Served>;
