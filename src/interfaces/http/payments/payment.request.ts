import { IsInt, IsOptional, IsPositive, IsString, IsUrl, Length, Matches } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

const URL_SHAPE = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

export class CheckoutRequestBody {
  @JSONSchema({ description: 'One of GET /api/v1/payments/packages. Either this or `amount`.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  package_id?: string;

  @JSONSchema({
    description: "An amount of the buyer's choice, in the currency's minor unit. Either this or `package_id`.",
  })
  @IsOptional()
  @IsInt()
  @IsPositive()
  amount?: number;

  @JSONSchema({ description: 'ISO 4217, in lower case.', examples: ['usd'] })
  @Matches(/^[a-z]{3}$/, { message: 'currency must be a code of three lower-case letters, such as usd' })
  currency: string = 'usd';

  @JSONSchema({
    description: 'Where the buyer goes after paying, at an allowed origin; a page of this service unless given.',
  })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  success_url?: string;

  @JSONSchema({ description: 'Where the buyer goes who does not pay.' })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  cancel_url?: string;
}
