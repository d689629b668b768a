import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, isSaid, quoted, refusal, requiredList, requiredObject, requiredText } from './fields.js';

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

/** Anthropic's `tools` and `tool_choice` as OpenAI's. Tools that Anthropic itself runs or describes are refused. */
export function functionsFromTools(body: JsonObject): JsonObject {
  const choice = body['tool_choice'];
  const oneByOne = isObject(choice) && choice['disable_parallel_tool_use'] === true;
  return {
    ...(isSaid(body['tools']) ? { tools: requiredList(body['tools'], 'tools').map(functionTool) } : {}),
    ...(isSaid(choice) ? { tool_choice: functionChoice(requiredObject(choice, 'tool_choice')) } : {}),
    ...(oneByOne ? { parallel_tool_calls: false } : {}),
  };
}

function functionTool(item: unknown, index: number): JsonObject {
  const field = `tools[${index}]`;
  const tool = requiredObject(item, field);
  if (isSaid(tool['type']) && tool['type'] !== 'custom')
    throw refusal(`${field}.type`, `a tool of type ${quoted(tool['type'])} exists only with Anthropic's models.`);
  return {
    type: 'function',
    function: {
      name: requiredText(tool['name'], `${field}.name`),
      ...(isSaid(tool['description']) ? { description: tool['description'] } : {}),
      parameters: isSaid(tool['input_schema'])
        ? requiredObject(tool['input_schema'], `${field}.input_schema`)
        : NO_PARAMETERS,
      ...(isSaid(tool['strict']) ? { strict: tool['strict'] } : {}),
    },
  };
}

function functionChoice(choice: JsonObject): unknown {
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return choice['type'];
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: { name: requiredText(choice['name'], 'tool_choice.name') } };
    default:
      throw refusal('tool_choice', `the type ${quoted(choice['type'])} is none of auto, any, none and tool.`);
  }
}

/** OpenAI's `tools` (or older `functions`), `tool_choice` (`function_call`) and `parallel_tool_calls` as Anthropic's. */
export function toolsFromFunctions(body: JsonObject): JsonObject {
  const tools = [
    ...(isSaid(body['tools']) ? requiredList(body['tools'], 'tools').map(calledTool) : []),
    ...(isSaid(body['functions']) ? requiredList(body['functions'], 'functions').map(olderFunction) : []),
  ];
  const choice = toolChoice(body) ?? (tools.length > 0 && body['parallel_tool_calls'] === false ? AUTO : null);
  const single = body['parallel_tool_calls'] === false && choice?.['type'] !== 'none';
  return {
    ...(tools.length > 0 ? { tools } : {}),
    ...(choice === null ? {} : { tool_choice: { ...choice, ...(single ? { disable_parallel_tool_use: true } : {}) } }),
  };
}

const AUTO: JsonObject = { type: 'auto' };

function calledTool(item: unknown, index: number): JsonObject {
  const field = `tools[${index}]`;
  const tool = requiredObject(item, field);
  if (tool['type'] !== 'function')
    throw refusal(
      `${field}.type`,
      `a tool of type ${quoted(tool['type'])} cannot be offered to this model; use "function".`,
    );
  return definedTool(requiredObject(tool['function'], `${field}.function`), `${field}.function`);
}

function olderFunction(item: unknown, index: number): JsonObject {
  const field = `functions[${index}]`;
  return definedTool(requiredObject(item, field), field);
}

function definedTool(definition: JsonObject, field: string): JsonObject {
  return {
    name: requiredText(definition['name'], `${field}.name`),
    ...(isSaid(definition['description']) ? { description: definition['description'] } : {}),
    input_schema: isSaid(definition['parameters'])
      ? requiredObject(definition['parameters'], `${field}.parameters`)
      : NO_PARAMETERS,
    ...(isSaid(definition['strict']) ? { strict: definition['strict'] } : {}),
  };
}

function toolChoice(body: JsonObject): JsonObject | null {
  const field = isSaid(body['tool_choice']) ? 'tool_choice' : 'function_call';
  const choice = body[field];
  if (!isSaid(choice)) return null;
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (choice === 'required') return { type: 'any' };
  if (!isObject(choice)) throw refusal(field, 'must be auto, none, required or an object that names a function.');
  if (field === 'function_call') return { type: 'tool', name: requiredText(choice['name'], 'function_call.name') };
  if (choice['type'] !== 'function')
    throw refusal(field, `a choice of type ${quoted(choice['type'])} cannot be made for this model; name a function.`);
  const named = requiredObject(choice['function'], `${field}.function`);
  return { type: 'tool', name: requiredText(named['name'], `${field}.function.name`) };
}
