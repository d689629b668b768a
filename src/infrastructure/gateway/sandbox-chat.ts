import { exampleOf } from './sandbox-example.js';
import type { SandboxQuestion, SandboxTool } from './sandbox-question.js';

/** One made-up answer, before it has a shape. */
export interface SandboxAnswer {
  /** What is said, or the arguments of the call, one token each. Joined they are the whole. */
  readonly pieces: readonly string[];
  /** The tool that is called; null when something is said. */
  readonly tool: string | null;
  /** The caller's bound ended it. */
  readonly cut: boolean;
}

const SAYS_SO = "Minutebook's sandbox made this answer up: no model was asked.";

/** As the price list has it of `sandbox-chat`: no answer is longer than what was reserved for it. */
const MOST_TOKENS = 4096;
const LONGEST_QUOTE = 300;

/** Code units of a text that may be spaces for the most part. */
const MOST_LOOKED_AT = 4 * LONGEST_QUOTE;

/** Of a word, with the space before it. */
const PIECE = /\s*\S{1,8}/gu;

/** As many as were asked for: the same for the same question. */
export function sandboxAnswers(question: SandboxQuestion): readonly SandboxAnswer[] {
  const tool = toolFor(question);
  const most = Math.min(question.most ?? MOST_TOKENS, MOST_TOKENS);
  return Array.from({ length: question.choices }, (_, index) => {
    const pieces = tool ? piecesOf(JSON.stringify(exampleOf(tool.schema))) : piecesOf(wordsFor(question, index));
    return { pieces: pieces.slice(0, most), tool: tool?.name ?? null, cut: pieces.length > most };
  });
}

/** Every piece is one token; what is called and how it is wrapped counts nothing. */
export function tokensIn(answers: readonly SandboxAnswer[]): number {
  return answers.reduce((sum, { pieces }) => sum + pieces.length, 0);
}

function toolFor({ calls, toolResult, said, tools }: SandboxQuestion): SandboxTool | null {
  if (calls === 'never' || toolResult !== null) return null;
  if (calls !== 'auto') return calls;
  return /\b(tool|weather)\b/i.test(said) ? tools[0]! : null;
}

function wordsFor({ json, said, toolResult, choices }: SandboxQuestion, index: number): string {
  if (json !== null && json !== 'any') return JSON.stringify(exampleOf(json));
  const heard =
    toolResult === null
      ? `Your message ends with: "${endOf(said)}".`
      : `The tool's result ends with: "${endOf(toolResult)}".`;
  const which = choices > 1 ? ` This is answer ${index + 1} of ${choices}.` : '';
  const answer = `${SAYS_SO} ${heard}${which}`;
  return json === 'any' ? JSON.stringify({ sandbox: true, answer }) : answer;
}

/** On one line, cut between characters. */
function endOf(text: string): string {
  const isLong = text.length > MOST_LOOKED_AT;
  // The first of a cut text may be half a character.
  const tail = isLong ? [...text.slice(-MOST_LOOKED_AT)].slice(1).join('') : text;
  const characters = [...tail.replaceAll(/\s+/g, ' ').trim()];
  const quote = characters.slice(-LONGEST_QUOTE).join('').trimStart();
  return isLong || characters.length > LONGEST_QUOTE ? `…${quote}` : quote;
}

function piecesOf(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}
