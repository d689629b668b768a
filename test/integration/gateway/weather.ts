import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';

export const SCHEMA = {
  type: 'object' as const,
  properties: {
    city: { type: 'string' },
    days: { type: 'integer' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  },
  required: ['city', 'days', 'unit'],
};
/** What the sandbox makes up by it. */
export const ARGUMENTS = { city: 'example', days: 1, unit: 'celsius' };
export const ABOUT = 'How is the weather?';
export const FORECAST = 'Rain, 12 degrees';

export const OPENAI_TOOLS: OpenAI.ChatCompletionFunctionTool[] = [
  { type: 'function', function: { name: 'forecast', description: 'Looks it up', parameters: SCHEMA } },
];
export const ANTHROPIC_TOOLS: Anthropic.Tool[] = [
  { name: 'forecast', description: 'Looks it up', input_schema: SCHEMA },
];

/** One red pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';
