import type { TranscribedSegment, TranscriptionOrder } from '#application/sessions/transcriber';

/**
 * A coaching conversation as long as the recording, of two speakers: the coach `A` asks, the client `B` speaks for most
 * of the time. The same seconds, filename and language make the same conversation, on every machine.
 */
export function sandboxConversation(
  order: Pick<TranscriptionOrder, 'seconds' | 'filename' | 'language'>,
): readonly TranscribedSegment[] {
  const random = randomFrom(`${order.seconds}|${order.filename}|${order.language}`);
  const lines = /^(zh|cmn)\b/i.test(order.language) ? CHINESE : ENGLISH;
  const totalMs = order.seconds * 1000;
  const segments: TranscribedSegment[] = [];
  let exchange = 0;

  const say = (speaker: 'A' | 'B', startMs: number, endMs: number, text: string) => {
    const pauseMs = endMs === totalMs ? 0 : Math.min(300, Math.floor((endMs - startMs) / 10));
    const confidence = Math.round((0.82 + random() * 0.16) * 100) / 100;
    segments.push({ speaker, startMs, endMs: endMs - pauseMs, text, confidence });
  };

  for (let atMs = 0; atMs < totalMs; exchange++) {
    const leftMs = totalMs - atMs;
    const question = Math.round(2000 + random() * 3000);
    const answer = Math.round(question * (2 + random() * 2));
    const isLast = question + answer + LEAST_EXCHANGE_MS > leftMs;
    const [questionMs, exchangeMs] = isLast ? [Math.floor(leftMs * 0.3), leftMs] : [question, question + answer];
    const [asked, said] = lines[exchange % lines.length] as Exchange;
    say('A', atMs, atMs + questionMs, asked);
    say('B', atMs + questionMs, atMs + exchangeMs, said);
    atMs += exchangeMs;
  }
  return segments;
}

/** What would be left over must be worth an exchange of its own. */
const LEAST_EXCHANGE_MS = 4000;

type Exchange = readonly [coach: string, client: string];

const ENGLISH: readonly Exchange[] = [
  [
    'What would you like to look at today?',
    'I keep putting off the talk with my team lead, and I notice it costs me more energy every week.',
  ],
  [
    'What makes that conversation matter to you now?',
    'The new project starts next month. If I say nothing before then, the work lands on my desk again.',
  ],
  [
    'Where do you feel stuck?',
    'I rehearse it in my head, and then I imagine her being disappointed, so I wait for a better moment.',
  ],
  [
    'When did you last say no, and it went well?',
    'In spring, with the trade fair. I offered two dates instead of one, and that was easier than I thought.',
  ],
  [
    'What could you take from that?',
    'That I do not have to refuse. I can say what is possible, and let the others choose between things.',
  ],
  [
    'On a scale from one to ten, how ready are you?',
    'About a six. It was a three when we began. With the first sentence written down it would be an eight.',
  ],
  [
    'What would the first sentence be?',
    'I would like to talk about how we share the work in the new project, because I want to do it well.',
  ],
  [
    'What will you have done by our next session?',
    'I will have asked for half an hour on Thursday, and I will have written down the two things I can offer.',
  ],
];

const CHINESE: readonly Exchange[] = [
  ['今天你想談什麼？', '我一直拖著沒有跟主管談，每個星期都覺得更累一點。'],
  ['為什麼現在這件事特別重要？', '新專案下個月就開始了，如果我再不說，工作又會全部落到我身上。'],
  ['你覺得卡在哪裡？', '我在心裡練習了很多次，可是一想到她會失望，就又等下一個時機。'],
  ['上一次你說不，而且結果很好，是什麼時候？', '春天展覽的時候。我提了兩個日期讓他們選，比我想的容易。'],
  ['從那次經驗你學到什麼？', '我不一定要拒絕，我可以說明我做得到什麼，讓大家一起決定。'],
  ['從一到十，你準備好到什麼程度？', '大概六分。一開始只有三分，如果把第一句話寫下來，就會到八分。'],
  ['那第一句話會是什麼？', '我想談談新專案的分工，因為我希望把它做好。'],
  ['下次見面以前，你會完成什麼？', '我會約星期四半個小時，也會把我能做的兩件事先寫下來。'],
];

/** FNV-1a into mulberry32: small, and the same everywhere, which is all that is asked of it here. */
function randomFrom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
