import { IsString, Length, Matches } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class CreateDeviceRequest {
  @IsString()
  @Length(1, 255)
  @Matches(/\S/, { message: 'name must not be blank' })
  @JSONSchema({ description: 'What the key is called: the device or program that will use it.' })
  name!: string;
}
