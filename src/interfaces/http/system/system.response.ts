import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { VERSION } from '#application/system/version';
import type { DatabaseState } from '#application/system/database-health';

export class ServiceLinks {
  @IsString() documentation: string = '/docs';
  @IsString() openapi: string = '/openapi.json';
  @IsString() health: string = '/health';
  @IsString() metrics: string = '/metrics';
}

export class ServiceResponse {
  @IsString() name!: string;
  @IsString() version!: string;
  @JSONSchema({ description: 'True while a made-up provider answers transcriptions: for trying out, not for work.' })
  @IsBoolean()
  sandbox!: boolean;
  @ValidateNested() @Type(() => ServiceLinks) links!: ServiceLinks;
}

export function serviceResponse(sandbox: boolean): ServiceResponse {
  return { name: 'minutebook', version: VERSION, sandbox, links: new ServiceLinks() };
}

export class HealthResponse {
  @IsIn(['ok', 'unavailable']) status!: 'ok' | 'unavailable';
  @IsIn(['connected', 'unreachable']) database!: 'connected' | 'unreachable';
  @JSONSchema({ description: '`pending`: the database waits for migrations that this version comes with.' })
  @IsIn(['current', 'pending', 'unknown'])
  migrations!: 'current' | 'pending' | 'unknown';
  @IsString() version!: string;
}

const MIGRATIONS = { ready: 'current', outdated: 'pending', unreachable: 'unknown' } as const;

export function healthResponse(database: DatabaseState, ok: boolean): HealthResponse {
  return {
    status: ok ? 'ok' : 'unavailable',
    database: database === 'unreachable' ? 'unreachable' : 'connected',
    migrations: MIGRATIONS[database],
    version: VERSION,
  };
}

export class LiveResponse {
  @IsIn(['alive']) status!: 'alive';
}
