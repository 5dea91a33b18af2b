import { describe, expect, it } from 'vitest';
import type { Policy, Target } from '../src/api/types';
import { editedOf, keyOf, shifted, stepsOf, targetOf } from '../src/policies/edit';

describe('a policy that is changed', () => {
  const targets: Target[] = [
    'everyone',
    { on_call: 'nights' },
    { person: 'wang' },
    { team: 'a:b' },
    { residents: 'b3/lift' },
  ];

  it('keeps its targets, and what the page does not show', () => {
    expect(targets.map(keyOf).map(targetOf)).toEqual(targets);
    expect([targetOf(''), targetOf('person:'), targetOf('nobody:x')]).toEqual([null, null, null]);
    const policy = {
      id: 'p',
      name: 'P',
      steps: [{ targets, wait: '1m', switch_on: ['siren/on'] }, { targets: [] }],
    } as Policy;
    expect(stepsOf(editedOf(policy))).toEqual([
      { targets, wait: '1m', switch_on: ['siren/on'] },
      { targets: [], wait: '45s' },
    ]);
  });

  it('has steps that move, and none that fall off', () => {
    expect(shifted(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(shifted(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(shifted(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
    expect(shifted(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });
});
