import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Availability } from '#application/gateway/list-models';
import { MODALITIES, type Modality } from '#domain/providers/model-price';
import { PageQuery } from '../shared/page.js';

export class ModelListQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  provider?: string;

  @IsOptional()
  @IsIn(MODALITIES)
  modality?: Modality;

  @IsOptional()
  @IsIn(['available', 'degraded', 'unavailable', 'unconfigured'])
  availability?: Availability;
}
