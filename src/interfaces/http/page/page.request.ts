import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

/** What the page exchanges for its cookie. */
export class OpenPageRequest {
  @IsString()
  @Length(1, 200)
  token!: string;

  @IsOptional()
  @IsBoolean()
  @JSONSchema({
    description: 'Also where this browser is signed in as somebody else: otherwise 409 `page_session_of_another`.',
  })
  replace?: boolean;
}
