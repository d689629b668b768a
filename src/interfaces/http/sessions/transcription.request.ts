import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class RetranscribeRequest {
  @JSONSchema({ description: 'True says that the cost is known and accepted.' })
  @IsBoolean()
  confirm_cost: boolean = false;

  @JSONSchema({ description: 'Another provider than the session’s.' })
  @IsOptional()
  @IsString()
  @Length(1, 50)
  stt_provider?: string;
}

export class RetranscriptionEstimateQuery {
  @JSONSchema({ description: 'Another provider than the session’s.' })
  @IsOptional()
  @IsString()
  @Length(1, 50)
  stt_provider?: string;
}
