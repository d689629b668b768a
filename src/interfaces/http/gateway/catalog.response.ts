import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { Availability, CatalogModel } from '#application/gateway/list-models';
import type { ProviderStanding } from '#application/gateway/list-providers';
import {
  type BasisPoints,
  MODALITIES,
  type Modality,
  type ModelPrice,
  type Rates,
} from '#domain/providers/model-price';
import { IsInstant } from '../shared/shapes.js';

export class CatalogPriceResponse {
  @IsUUID() version!: string;
  @JSONSchema({
    description:
      'Micro-USD for a million units, by unit, as decimal digits: {"input_token": "150000"} is 0.15 USD for a million tokens. The markup comes on top.',
  })
  @IsObject()
  micros_per_million!: Readonly<Record<string, string>>;
  @JSONSchema({
    description: 'Rates of a whole request whose input is above a bound: {"above_tokens", "micros_per_million"}.',
  })
  @IsOptional()
  @IsObject()
  long_context!: Readonly<Record<string, unknown>> | null;
  @JSONSchema({ description: 'What is charged on top, in percent.' })
  @IsNumber()
  markup_percent!: number;
  @IsInstant() effective_from!: string;
  @JSONSchema({ description: 'Where the price was read.' })
  @IsString()
  source!: string;
}

export class CatalogTargetResponse {
  @IsString() provider!: string;
  @JSONSchema({ description: "The provider's own name of the model." })
  @IsString()
  model!: string;
  @IsBoolean() configured!: boolean;
  @JSONSchema({ description: 'Whether its circuit lets requests through.' })
  @IsBoolean()
  reachable!: boolean;
}

export class CatalogModelResponse {
  @JSONSchema({ description: 'What to send as `model`.' })
  @IsString()
  id!: string;
  @IsIn(MODALITIES) modality!: Modality;
  @IsOptional() @IsInt() context_tokens!: number | null;
  @IsOptional() @IsInt() max_output_tokens!: number | null;
  @IsArray() @IsString({ each: true }) features!: readonly string[];
  @JSONSchema({ description: 'What callers pay at most, whoever answers.' })
  @ValidateNested()
  @Type(() => CatalogPriceResponse)
  price!: CatalogPriceResponse;
  @JSONSchema({ description: 'Who serves it, in order of preference.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CatalogTargetResponse)
  providers!: CatalogTargetResponse[];
  @IsIn(['available', 'degraded', 'unavailable', 'unconfigured']) availability!: Availability;
  @JSONSchema({ description: 'Answers are made up, and say so.' })
  @IsBoolean()
  sandbox!: boolean;
}

export class CatalogModelListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CatalogModelResponse)
  data!: CatalogModelResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class ProviderLatencyResponse {
  @IsInt() requests!: number;
  @IsInt() first_byte_p50_ms!: number;
  @IsInt() first_byte_p95_ms!: number;
}

export class CatalogProviderResponse {
  @IsString() id!: string;
  @IsBoolean() sandbox!: boolean;
  @IsIn(['operational', 'recovering', 'down']) status!: ProviderStanding['status'];
  @IsIn(['closed', 'open', 'half_open']) circuit!: ProviderStanding['circuit'];
  @IsOptional() @IsInstant() open_until!: string | null;
  @IsInt() failures_in_a_row!: number;
  @JSONSchema({ description: 'Its own names of models that it did not know of late.' })
  @IsArray()
  @IsString({ each: true })
  refused_models!: readonly string[];
  @JSONSchema({ description: 'Of the last answers to this process; null before the first.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ProviderLatencyResponse)
  latency!: ProviderLatencyResponse | null;
}

export class CatalogProviderListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CatalogProviderResponse)
  data!: CatalogProviderResponse[];
}

export function catalogModelResponse(model: CatalogModel, markup: BasisPoints): CatalogModelResponse {
  const { price, targets, availability, isSandbox } = model;
  const { contextTokens, maxOutputTokens, features } = price.traits;
  return {
    id: model.model,
    modality: price.modality,
    context_tokens: contextTokens,
    max_output_tokens: maxOutputTokens,
    features,
    price: priceResponse(price, markup),
    providers: targets.map(({ price: { provider, model: own }, isConfigured, isOpen }) => ({
      provider,
      model: own,
      configured: isConfigured,
      reachable: isConfigured && !isOpen,
    })),
    availability,
    sandbox: isSandbox,
  };
}

export function catalogProviderResponse(standing: ProviderStanding): CatalogProviderResponse {
  const { provider, isSandbox, status, circuit, openUntil, failuresInARow, refusedModels, latency } = standing;
  return {
    id: provider,
    sandbox: isSandbox,
    status,
    circuit,
    open_until: openUntil?.toISOString() ?? null,
    failures_in_a_row: failuresInARow,
    refused_models: refusedModels,
    latency: latency && {
      requests: latency.requests,
      first_byte_p50_ms: latency.p50,
      first_byte_p95_ms: latency.p95,
    },
  };
}

function priceResponse(
  { id, rates, longContext, effectiveFrom, source }: ModelPrice,
  markup: BasisPoints,
): CatalogPriceResponse {
  return {
    version: id,
    micros_per_million: digits(rates),
    long_context: longContext && {
      above_tokens: longContext.aboveTokens,
      micros_per_million: digits(longContext.rates),
    },
    markup_percent: markup / 100,
    effective_from: effectiveFrom.toISOString(),
    source,
  };
}

function digits(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([unit, rate]) => [unit, rate.toString()]));
}
