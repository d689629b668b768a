import type { JsonObject } from '#application/gateway/ai-provider';
import type { FieldProblem } from '../shared/parse.js';

/** Fields that a provider may charge for by prices of their own, or that lead to another model or server than the one priced. */
const PRICED_OTHERWISE = Object.entries({
  inference_geo: 'a region of its own',
  // Searching, by the names of OpenAI, xAI, DashScope, Perplexity, Zhipu and Moonshot.
  web_search_options: 'searching the web',
  web_search: 'searching the web',
  search_parameters: 'searching the web',
  search_options: 'searching the web',
  enable_search: 'searching the web',
  enable_web_search: 'searching the web',
  // OpenRouter's: https://openrouter.ai/docs/api/reference/parameters.
  models: 'another model than the one asked for',
  fallbacks: 'another model than the one asked for',
  route: 'another model than the one asked for',
  preset: 'another model than the one asked for',
  provider: "a choice among a provider's own providers",
  plugins: 'a plugin',
  // Several answers for one.
  best_of: 'an answer that is thrown away',
  // Run by the provider.
  mcp_servers: 'a server that the provider asks',
  container: 'a container at the provider',
  code_interpreter: 'a tool that the provider runs itself',
  enable_code_interpreter: 'a tool that the provider runs itself',
});

const USUAL_TIERS: readonly unknown[] = ['auto', 'default', 'flex', 'standard', 'standard_only'];

/** Tools that the caller runs: OpenAI's, and Anthropic's by their names with a date. Everything else is run by who answers. */
const OWN_TOOL = /^(?:function|custom|(?:bash|text_editor|computer|memory)_\d{8})$/;

/** What a provider charges by other prices than those of the catalogue is not passed on to it: it would be given away. */
export function pricedOtherwise(body: JsonObject): readonly FieldProblem[] {
  const { service_tier: tier, speed, modalities, tools } = body;
  const offered: readonly unknown[] = Array.isArray(tools) ? tools : [];
  return [
    ...(isSaid(tier) && !USUAL_TIERS.includes(tier) ? [problem('service_tier', 'processing of another kind')] : []),
    ...(isSaid(speed) && speed !== 'standard' ? [problem('speed', 'another speed than standard')] : []),
    ...(isSaid(modalities) && !isTextAlone(modalities) ? [problem('modalities', 'an answer that is not text')] : []),
    ...(offered.some(isRunByProvider) ? [problem('tools', 'a tool that the provider runs itself')] : []),
    ...PRICED_OTHERWISE.filter(([field]) => asksForSomething(body[field])).map(([field, what]) => problem(field, what)),
  ];
}

function problem(field: string, what: string): FieldProblem {
  return { field, message: `${field}: ${what} has no price here` };
}

function isTextAlone(modalities: unknown): boolean {
  return Array.isArray(modalities) && modalities.every((modality) => modality === 'text');
}

function isRunByProvider(tool: unknown): boolean {
  if (typeof tool !== 'object' || tool === null) return false;
  const { type } = tool as JsonObject;
  return isSaid(type) && !(typeof type === 'string' && OWN_TOOL.test(type));
}

/** Nothing, no and none ask for nothing; one answer of one is that answer. */
function asksForSomething(value: unknown): boolean {
  const isEmpty = Array.isArray(value) && value.length === 0;
  return isSaid(value) && value !== false && value !== 1 && !isEmpty;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}
