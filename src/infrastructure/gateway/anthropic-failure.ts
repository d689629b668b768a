import { type FaultKind, ProviderFault, ProviderRefusal } from '#application/gateway/ai-provider';
import { type AskedModel, failureOf, faultWithin, refusalWithin } from './upstream-failure.js';
import type { UpstreamAnswer } from './upstream.js';
import { objectOf } from './translation/fields.js';

/** https://docs.claude.com/en/api/errors, but for the errors that refuse the request itself. */
const KINDS: ReadonlyMap<unknown, FaultKind> = new Map([
  ['authentication_error', 'unauthorized'],
  ['billing_error', 'payment_required'],
  ['permission_error', 'forbidden'],
  ['rate_limit_error', 'rate_limited'],
  ['timeout_error', 'timeout'],
  ['overloaded_error', 'overloaded'],
  ['api_error', 'server_error'],
]);

const REFUSALS: ReadonlyMap<unknown, 400 | 413> = new Map([
  ['invalid_request_error', 400],
  ['request_too_large', 413],
  // Of something else than the model, which is looked for first.
  ['not_found_error', 400],
]);

/** Anthropic says with a 400 what is wrong with the account: `Your credit balance is too low to access the Anthropic API.` */
const UNPAID = /\bcredit balance is too low\b|\breached your specified api usage limits\b/i;
const DISABLED = /\borganization has been disabled\b/i;

/** `prompt is too long: 210000 tokens > 200000 maximum`. */
const TOO_LONG = /\bprompt is too long\b/i;

/** What an answer that is no success means. */
export async function anthropicFailureOf(
  asked: AskedModel,
  answer: UpstreamAnswer,
): Promise<ProviderFault | ProviderRefusal> {
  return whoseItIs(asked.provider, await failureOf(asked, answer));
}

/** What `{"type": "error", "error": {…}}` in place of an answer means: the same as with a status of its own. */
export function anthropicFailureInside(asked: AskedModel, event: unknown): ProviderFault | ProviderRefusal {
  const fault = anthropicFaultInside(asked, event);
  const status = REFUSALS.get(typeOf(event));
  if (status === undefined || fault.kind === 'model_not_found') return fault;
  return whoseItIs(asked.provider, refusalWithin(event, status));
}

/** What an `error` in the middle of an answer means: it is too late to refuse the request. */
export function anthropicFaultInside(asked: AskedModel, event: unknown): ProviderFault {
  const fault = faultWithin(asked, event);
  const kind = KINDS.get(typeOf(event)) ?? (fault.kind === 'model_not_found' ? fault.kind : 'server_error');
  return new ProviderFault(kind, fault.message, null, null);
}

function whoseItIs(provider: string, failure: ProviderFault | ProviderRefusal): ProviderFault | ProviderRefusal {
  if (failure instanceof ProviderFault) return failure;
  const { status, message, param } = failure;
  const fault = (kind: FaultKind) =>
    new ProviderFault(kind, `${provider} answered ${status}: ${message}`, status, null);
  if (UNPAID.test(message)) return fault('payment_required');
  if (DISABLED.test(message)) return fault('forbidden');
  return TOO_LONG.test(message) ? new ProviderRefusal(status, message, 'context_length_exceeded', param) : failure;
}

function typeOf(event: unknown): unknown {
  return objectOf(objectOf(event)['error'])['type'];
}
