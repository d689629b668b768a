import { MessageMeter } from '#infrastructure/gateway/anthropic-meter';
import { CompletionMeter } from '#infrastructure/gateway/completion-meter';

describe('The seconds before the first word', () => {
  let now: number;
  const stopwatch = () => now;
  beforeEach(() => (now = 5_000));

  it('count from when the request was sent, whole ones, and end with the first word of a completion', () => {
    const meter = new CompletionMeter({ messages: [] }, stopwatch);
    now += 7_900;
    expect(meter.usage.quantities.silent_second).toBe(7);
    meter.begin();
    now += 60_000;
    meter.begin();
    expect(meter.usage).toMatchObject({ quantities: { silent_second: 7 }, source: 'estimate' });
    meter.report({ prompt_tokens: 1, completion_tokens: 2 });
    expect(meter.usage.quantities.silent_second).toBeUndefined();
  });

  it('end with the first block of a message that is no thought', () => {
    const meter = new MessageMeter(false, stopwatch);
    meter.start({ message: { usage: { input_tokens: 5, output_tokens: 1 } } });
    now += 3_000;
    expect(meter.usage.quantities.silent_second).toBeUndefined();
    meter.begin({ content_block: { type: 'thinking' } });
    now += 9_000;
    expect(meter.usage.quantities.silent_second).toBe(12);
    meter.close();
    expect(meter.isFinishing).toBe(false);
    meter.begin({ content_block: { type: 'text' } });
    now += 60_000;
    expect(meter.usage.quantities).toMatchObject({ silent_second: 12, reasoning_token: 0 });
  });
});
