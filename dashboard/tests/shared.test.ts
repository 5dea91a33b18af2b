import { describe, expect, it } from 'vitest';
import type { Source } from '../src/live/follow';
import { openShared } from '../src/live/shared';

/** A line to a gateway that the test plays. */
class Wire implements Source {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readyState = 0;
  #listeners: ((event: MessageEvent<string>) => void)[] = [];
  addEventListener(_type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.push(listener);
  }
  close(): void {
    this.readyState = 2;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }
  says(data: string): void {
    for (const listener of this.#listeners) listener({ data } as MessageEvent<string>);
  }
}

function address(): { wires: Wire[]; join: () => { source: Source; heard: string[] } } {
  const wires: Wire[] = [];
  const open = (): Wire => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  };
  const join = (): { source: Source; heard: string[] } => {
    const heard: string[] = [];
    const source = openShared('/events', open);
    source.addEventListener('change', (event) => heard.push(event.data));
    source.onopen = () => heard.push('open');
    source.onerror = () => heard.push('broken');
    return { source, heard };
  };
  return { wires, join };
}

describe('a shared line', () => {
  it('is one for all who listen, and closed when the last has left', async () => {
    const { wires, join } = address();
    const one = join();
    wires[0]?.opens();
    const two = join();
    await Promise.resolve();
    wires[0]?.says('1');
    expect(wires.length).toBe(1);
    expect([one.heard, two.heard]).toEqual([
      ['open', '1'],
      ['open', '1'],
    ]);
    one.source.close();
    wires[0]?.says('2');
    expect([one.heard.length, two.heard.length]).toEqual([2, 3]);
    expect(wires[0]?.readyState).toBe(1);
    two.source.close();
    expect(wires[0]?.readyState).toBe(2);
  });

  it('breaks for everybody, and who opens it then has a new one', () => {
    const { wires, join } = address();
    const [one, two] = [join(), join()];
    wires[0]?.onerror?.(new Event('error'));
    expect([one.heard, two.heard]).toEqual([['broken'], ['broken']]);
    one.source.close();
    const again = join();
    two.source.close();
    expect(wires.length).toBe(2);
    wires[1]?.says('1');
    expect(again.heard).toEqual(['1']);
    expect(wires[1]?.readyState).toBe(0);
    again.source.close();
  });

  it('that one of them takes for dead is left by all', () => {
    const { wires, join } = address();
    const [one, two] = [join(), join()];
    one.source.drop?.();
    expect(wires[0]?.readyState).toBe(2);
    expect([one.heard, two.heard]).toEqual([[], ['broken']]);
    two.source.close();
  });
});
