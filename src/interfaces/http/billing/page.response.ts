import { IsArray, IsIn, IsOptional, IsString, IsUUID } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { PageView } from '#application/accounts/get-page';
import type { BegunPageSession } from '#application/accounts/page-session-creation';
import { PAGE_SCOPES, type PageScope } from '#domain/accounts/page-session';
import { IsInstant } from '../shared/shapes.js';

export class PageSessionResponse {
  @JSONSchema({ description: 'Shown in this answer alone: null when the answer is replayed.' })
  @IsOptional()
  @IsString()
  token!: string | null;
  @JSONSchema({ description: 'Where to send the user: the token is in its fragment. Likewise shown once.' })
  @IsOptional()
  @IsString()
  url!: string | null;
  @IsInstant() expires_at!: string;
}

export function pageSessionResponse({ session, token, url }: BegunPageSession): PageSessionResponse {
  return { token, url, expires_at: session.expiresAt.toISOString() };
}

const PROVIDERS = ['sandbox', 'stripe'] as const;

export class BillingPageResponse {
  @IsUUID() user_id!: string;
  @IsString() email!: string;
  @IsString() name!: string;
  @IsIn(PAGE_SCOPES) scope!: PageScope;
  @JSONSchema({ description: 'When this sign-in ends; null for a caller with an API key.' })
  @IsOptional()
  @IsInstant()
  expires_at!: string | null;
  @JSONSchema({ description: 'Where the page leads back to.' })
  @IsOptional()
  @IsString()
  return_url!: string | null;
  @JSONSchema({ description: '`sandbox` when no money moves.' })
  @IsIn(PROVIDERS)
  payment_provider!: (typeof PROVIDERS)[number];
  @JSONSchema({ description: 'Origins of the pages that may have this one in a frame.' })
  @IsArray()
  @IsString({ each: true })
  embed_origins!: string[];
}

export function billingPageResponse(view: PageView, embedOrigins: readonly string[]): BillingPageResponse {
  const { user, scope, expiresAt, returnUrl, paymentGateway } = view;
  return {
    user_id: user.id,
    email: user.email,
    name: user.name,
    scope,
    expires_at: expiresAt?.toISOString() ?? null,
    return_url: returnUrl,
    payment_provider: paymentGateway === 'sandbox' ? 'sandbox' : 'stripe',
    embed_origins: [...embedOrigins],
  };
}
