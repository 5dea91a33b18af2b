import { describe, expect, it } from 'vitest';
import type { BoardView } from '../src/api/types';
import { fileName } from '../src/boards/deliver';
import { boardState, troubles } from '../src/boards/said';
import { asDevice, noInputs } from '../src/boards/wish';

const board = (over: Partial<BoardView> = {}): BoardView => ({
  id: 'pit-1',
  name: { zh: '底坑', en: 'Pit' },
  place: 'yard',
  presence: { state: 'present' },
  birth: {
    at: '2026-11-28T00:00:00Z',
    boot: 3,
    firmware: '1.0.0',
    hardware: 'w5500-evb-pico',
    reset: 'power',
    configuration: 7,
  },
  wanted_configuration: 7,
  configuration_error: null,
  health: null,
  last_panic: null,
  inputs: [],
  ...over,
});

describe('how a board is', () => {
  it('is well only where it is heard, has come, and tells of nothing', () => {
    expect(boardState(board(), false)).toBe('normal');
    expect(boardState(board(), true)).toBe('unknown');
    expect(boardState(board({ birth: null }), false)).toBe('unknown');
    const lost = { state: 'lost', since: '2026-11-28T00:00:00Z', reason: 'silent' } as const;
    expect(boardState(board({ presence: lost }), true)).toBe('lost');
    expect(boardState(board({ wanted_configuration: 8 }), false)).toBe('alarm');
  });

  it('says all that is wrong', () => {
    const health = {
      at: '2026-11-28T00:00:00Z',
      crashes: 2,
      safe: true,
      dropped: 4,
      dips: 1,
      temperature_dc: null,
      flash: true,
      garbled: 3,
    };
    const said = troubles(board({ health, configuration_error: 'too many inputs' }));
    expect(said.map(({ values }) => Object.values(values)[0])).toEqual([
      undefined,
      undefined,
      2,
      4,
      1,
      3,
      'too many inputs',
    ]);
  });
});

describe('a new board', () => {
  it('goes to the gateway with the inputs that something is wired to', () => {
    const inputs = noInputs(8);
    inputs[0] = { role: 'call', zh: '', en: '', closed: false };
    inputs[4] = { role: 'fire', zh: ' 井道烟感 ', en: '', closed: true };
    const pit = { id: ' pit-1 ', zh: '底坑板', en: '', place: 'yard' };
    const made = asDevice({ ...pit, loop: false, inputs });
    expect(made).toEqual({
      id: 'pit-1',
      name: { zh: '底坑板', en: '底坑板' },
      place: 'yard',
      profile: 'board',
      options: {
        inputs: {
          1: { role: 'call' },
          5: { role: 'fire', name: { zh: '井道烟感', en: '井道烟感' }, normally_closed: true },
        },
      },
    });
    expect(asDevice({ ...pit, loop: false, inputs: noInputs(8) }).options).toEqual({});
    const ninth = [...noInputs(8), { role: 'fire', zh: '', en: '', closed: false }];
    const looped = asDevice({ ...pit, loop: true, inputs: ninth });
    expect(looped.profile).toBe('board-loop');
    expect(looped.options).toEqual({ inputs: { 9: { role: 'fire' } } });
  });

  it('has a file that any drive takes the name of', () => {
    expect(fileName('lift/二')).toBe('lift__.uf2');
  });
});
