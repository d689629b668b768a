import { IsIn, IsOptional, IsString, IsUrl, IsUUID, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { PAGE_SCOPES, type PageScope } from '#domain/accounts/page-session';

const URL_SHAPE = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

export class PageSessionBody {
  @JSONSchema({ description: 'Whose billing page; your own unless given. That of others needs the role `admin`.' })
  @IsOptional()
  @IsUUID()
  user_id?: string;

  @JSONSchema({ description: '`admin` is the operators’ page, for an admin alone and for nobody else than oneself.' })
  @IsString()
  @IsIn(PAGE_SCOPES)
  scope: PageScope = 'billing';

  @JSONSchema({ description: 'Where the page leads back to, at an allowed origin; nowhere unless given.' })
  @IsOptional()
  @IsUrl(URL_SHAPE)
  @Length(1, 2000)
  return_url?: string;
}
