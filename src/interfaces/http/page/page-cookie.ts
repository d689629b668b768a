import type { CookieOptions, Request, Response } from 'express';
import { injectable } from 'inversify';
import { PageSettings } from './page-settings.js';

/** Each costs a question to the database. */
const MOST_TRIED = 5;

/**
 * The cookie that signs a browser in to the page: out of reach of scripts, of other sites, and, where the connection is encrypted, of
 * other hosts too (`__Host-`, RFC 6265bis 4.1.3.2).
 */
@injectable()
export class PageCookie {
  readonly name: string;
  private readonly options: CookieOptions;

  constructor({ publicUrl }: PageSettings) {
    const secure = publicUrl.startsWith('https:');
    this.name = secure ? '__Host-minutebook' : 'minutebook_page';
    this.options = { httpOnly: true, sameSite: 'strict', secure, path: '/' };
  }

  /**
   * Every one of this name, up to five: where the connection is not encrypted, another host or path of the site may have set one too,
   * which must not stand before ours. Ours is of letters, digits and underscores alone, so it is never quoted or encoded.
   */
  of(request: Request): readonly string[] {
    return (request.get('Cookie') ?? '')
      .split(';')
      .map((pair) => pair.split('=', 2))
      .flatMap(([name, value]) => (name?.trim() === this.name && value?.trim() ? [value.trim()] : []))
      .slice(0, MOST_TRIED);
  }

  set(response: Response, value: string, lastsMs: number): void {
    response.cookie(this.name, value, { ...this.options, maxAge: lastsMs });
  }

  clear(response: Response): void {
    response.cookie(this.name, '', { ...this.options, maxAge: 0 });
  }
}
