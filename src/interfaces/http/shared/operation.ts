import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '#application/accounts/authentication';
import type { Refusal } from '#domain/shared/domain-exception';

/**
 * How a shape is written, so that `parse` checks it and the OpenAPI document describes it from the same decorators:
 *
 * - A body or query: `@IsOptional()` marks a field that may be left out, an initialiser is its default. Fields that
 *   are not declared are refused. Each class is either an input or an answer, and its name is its own in all of `src`.
 * - An answer: every field is always there. `@IsOptional()` marks one that may be null, in type `T | null`.
 * - A shape in a shape: `@ValidateNested() @Type(() => Inner)`; a list of them: `@IsArray()
 *   @ValidateNested({ each: true }) @Type(() => Inner)`. `@Type` is class-transformer's. A list of plain values:
 *   `@IsArray() @IsString({ each: true })`.
 * - An instant is `@IsInstant()`, a plan's limit `@IsLimit()` (shapes.ts). `@IsObject()` is an object of any content.
 * - `@JSONSchema({ description })`, of class-validator-jsonschema, says what a field means to its reader.
 */
export type Shape<T extends object = object> = new () => T;

/** Who may call: nobody is asked, a user (or operator), an operator alone. */
export type Access = 'public' | 'user' | 'admin';

/** One request, parsed and checked: what a handler reads instead of Express's own. */
export interface Call<Body, Query, Prepared> {
  /** Present for every operation that is not public. */
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  /** What `prepare` found out. */
  readonly prepared: Prepared;
  readonly request: Request;
}

/** Content of another kind than JSON made here: a file to download, or text to be shown. */
export class Attachment {
  constructor(
    readonly contentType: string,
    /** The whole Content-Disposition header; null for content that is shown where it was asked for. */
    readonly disposition: string | null,
    readonly content: Buffer | string,
  ) {}
}

/** An answer with another status than the operation's own: one of its `otherAnswers`. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: object,
  ) {}
}

/**
 * One endpoint: the route, its access, the shapes that validate what comes in and describe what goes out, and the deed.
 * Router, OpenAPI document and tests are all made from it, so there is no second truth to keep up to date.
 */
export interface Operation<Body extends object = object, Query extends object = object, Prepared = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express syntax: `/api/v1/sessions/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** What a caller has to know beside the summary. */
  readonly description?: string;
  readonly access: Access;
  /** One that the billing page or the operators' page uses: a session of the page may ask for these alone, whatever its user may. */
  readonly page?: true;
  /** A public operation that an installation may close with a token of its own: then 401 without it. */
  readonly closable?: true;
  readonly body?: Shape<Body>;
  readonly query?: Shape<Query>;
  readonly status?: number;
  /** The answer's shape, or `file` for downloads, with the content types it can have. */
  readonly answer: Shape | { readonly file: readonly string[] };
  /** Content types in which the same answer can be had instead of JSON. */
  readonly files?: readonly string[];
  /** Answers with a status and a shape of their own, given as a Reply. */
  readonly otherAnswers?: Readonly<Record<number, Shape>>;
  /** Refusals that this operation's rules can end in, beside those that every operation can. */
  readonly refusals?: readonly Refusal[];
  /** The answer carries an ETag, and one that its caller has already is not sent again (RFC 9110, 13.1.2). */
  readonly revalidated?: true;
  /** Fields of the answer that are shown once: a stored answer has null there. */
  readonly shownOnce?: readonly string[];
  /**
   * Work with the world outside that comes before the deciding transaction and may be repeated freely.
   * Writes belong into `handle`, which an Idempotency-Key makes happen once.
   */
  readonly prepare?: (call: Omit<Call<Body, Query, never>, 'prepared'>) => Promise<Prepared>;
  readonly handle: (call: Call<Body, Query, Prepared>) => Promise<unknown>;
}

/** Lets the compiler infer body and query of a declaration, and forgets them in the list of all. */
export function operation<Body extends object, Query extends object, Prepared>(
  declared: Operation<Body, Query, Prepared>,
): Operation {
  return declared as unknown as Operation;
}

/** A controller is a list of operations. */
export abstract class Controller {
  abstract readonly operations: readonly Operation[];
}

export type { Request, RequestHandler, Response };
