import { IsString, Length } from 'class-validator';

/** What the page exchanges for its cookie. */
export class OpenPageRequest {
  @IsString()
  @Length(1, 200)
  token!: string;
}
