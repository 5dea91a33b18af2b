import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BACK_OFF_MS,
  HIDDEN_MS,
  OPEN_MS,
  POLL_MS,
  QUIET_MS,
  follow,
  type Following,
  type Source,
  type Touch,
} from '../src/live/follow';

/** A line to a gateway that the test plays. */
class Line implements Source {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  #listeners: ((event: MessageEvent<string>) => void)[] = [];
  addEventListener(_type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.push(listener);
  }
  close(): void {
    this.closed = true;
  }
  says(data: string): void {
    for (const listener of this.#listeners) listener({ data } as MessageEvent<string>);
  }
  breaks(): void {
    this.onerror?.({} as Event);
  }
}

class Expired extends Error {}

/** The page, as far as somebody looks at it. */
class Page extends EventTarget {
  visibilityState = 'visible';
  becomes(state: 'visible' | 'hidden'): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;

let lines: Line[];
let heard: string[];
let touches: Touch[];
let polls: number;
let answer: () => Promise<void>;
let following: Following;

const newest = (): Line => lines[lines.length - 1] as Line;
const touch = (): Touch | undefined => touches[touches.length - 1];
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  vi.stubGlobal('document', page);
  lines = [];
  heard = [];
  touches = [];
  polls = 0;
  answer = () => Promise.resolve();
  following = follow({
    url: '/events',
    event: 'incident',
    heard: (data) => heard.push(data),
    poll: () => {
      polls += 1;
      return answer();
    },
    touch: (now) => touches.push(now),
    isFinal: (error) => error instanceof Expired,
    open: () => {
      const line = new Line();
      lines.push(line);
      return line;
    },
    random: () => 0.5,
  });
});

afterEach(() => {
  following.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('following an incident', () => {
  it('hears events and is in touch from the first one on', () => {
    expect(touches).toEqual(['connecting']);
    newest().says('one');
    newest().says('two');
    expect(heard).toEqual(['one', 'two']);
    expect(touch()).toBe('in');
    expect(polls).toBe(0);
  });

  it('asks by an ordinary request when the line breaks, and is still in touch if that is answered', async () => {
    newest().says('one');
    newest().breaks();
    await pass(0);
    expect(polls).toBe(1);
    expect(touch()).toBe('in');
  });

  it('says so when neither is answered, keeps trying, and says when it is back', async () => {
    answer = () => Promise.reject(new Error('no route'));
    newest().says('one');
    newest().breaks();
    await pass(0);
    expect(touch()).toBe('out');
    const before = polls;
    newest().onerror = null;
    await pass(4 * POLL_MS);
    expect(polls).toBeGreaterThan(before + 2);
    expect(touch()).toBe('out');
    answer = () => Promise.resolve();
    await pass(POLL_MS);
    expect(touch()).toBe('in');
  });

  it('opens anew after waits that double, and starts over once it has heard something', async () => {
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const known = lines.length;
      newest().breaks();
      let waited = 0;
      while (lines.length === known) {
        await pass(100);
        waited += 100;
      }
      waits.push(waited);
      newest().onopen?.({} as Event);
    }
    expect(waits).toEqual([...BACK_OFF_MS, 15_000, 15_000]);
    newest().says('back');
    const known = lines.length;
    newest().breaks();
    await pass(BACK_OFF_MS[0] as number);
    expect(lines.length).toBe(known + 1);
  });

  it('doubts a line that has gone quiet: asks, and replaces it when nothing answers', async () => {
    newest().says('one');
    const quiet = newest();
    answer = () => Promise.reject(new Error('no route'));
    await pass(QUIET_MS);
    expect(polls).toBe(1);
    expect(touch()).toBe('out');
    expect(quiet.closed).toBe(true);
    await pass(BACK_OFF_MS[0] as number);
    expect(newest()).not.toBe(quiet);
    newest().says('two');
    expect(touch()).toBe('in');
    expect(heard).toEqual(['one', 'two']);
  });

  it('asks by request where events are held back without an error', async () => {
    await pass(POLL_MS);
    expect(polls).toBe(1);
    expect(touch()).toBe('in');
  });

  it('goes over to asking where a line does not open, as behind six others', async () => {
    const waiting = newest();
    await pass(OPEN_MS);
    expect(waiting.closed).toBe(true);
    const asked = polls;
    await pass(3 * POLL_MS);
    expect(polls).toBeGreaterThan(asked + 1);
    expect(touch()).toBe('in');
    while (newest().closed) await pass(100);
    newest().onopen?.({} as Event);
    await pass(OPEN_MS);
    newest().says('one');
    expect(heard).toEqual(['one']);
  });

  it('lets go of its line when nobody looks, and looks at once when somebody does again', async () => {
    newest().says('one');
    page.becomes('hidden');
    await pass(HIDDEN_MS - 1);
    expect(newest().closed).toBe(false);
    await pass(1);
    expect(newest().closed).toBe(true);
    const [asked, opened] = [polls, lines.length];
    following.retry();
    await pass(10 * 60_000);
    expect([polls, lines.length]).toEqual([asked, opened]);
    page.becomes('visible');
    await pass(0);
    expect([polls, lines.length]).toEqual([asked + 1, opened + 1]);
    newest().says('two');
    expect(heard).toEqual(['one', 'two']);
  });

  it('keeps its line through a short look elsewhere', async () => {
    newest().says('one');
    page.becomes('hidden');
    await pass(HIDDEN_MS - 1);
    page.becomes('visible');
    await pass(HIDDEN_MS);
    expect(lines.length).toBe(1);
    expect(newest().closed).toBe(false);
  });

  it('looks at once when the phone wakes up', async () => {
    newest().breaks();
    await pass(0);
    const [askedBefore, openedBefore] = [polls, lines.length];
    following.retry();
    await pass(0);
    expect(polls).toBe(askedBefore + 1);
    expect(lines.length).toBe(openedBefore + 1);
  });

  it('gives up where the gateway says that there is nothing to follow any more', async () => {
    answer = () => Promise.reject(new Expired());
    newest().breaks();
    await pass(60_000);
    expect(polls).toBe(1);
    expect(lines.length).toBe(1);
    following.retry();
    await pass(60_000);
    expect(polls).toBe(1);
  });

  it('is silent after it was stopped, and closes its line', async () => {
    const line = newest();
    following.stop();
    expect(line.closed).toBe(true);
    line.says('late');
    await pass(120_000);
    expect(heard).toEqual([]);
    expect(polls).toBe(0);
  });
});
