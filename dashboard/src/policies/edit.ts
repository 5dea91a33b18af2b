// A policy while it is being changed: targets as choices of a list, steps that move up and down. Pure.

import type { Policy, Target } from '../api/types';

export interface EditedStep {
  /** `everyone`, or `on_call:nights`, `person:wang`, `team:nights`, `residents:b3`; empty for none yet. */
  targets: string[];
  wait: string;
  /** What this page does not change. */
  rest: Omit<Policy['steps'][number], 'targets' | 'wait'>;
}

const KINDS = ['on_call', 'person', 'team', 'residents'] as const;

export function keyOf(target: Target): string {
  if (target === 'everyone') return target;
  const [kind, id] = Object.entries(target)[0] ?? ['', ''];
  return `${kind}:${String(id)}`;
}

/** The target that a choice means; none for a choice that means nothing. */
export function targetOf(key: string): Target | null {
  if (key === 'everyone') return key;
  const at = key.indexOf(':');
  const kind = KINDS.find((one) => one === key.slice(0, at));
  const id = key.slice(at + 1);
  return kind && id ? ({ [kind]: id } as Target) : null;
}

export function editedOf(policy: Policy): EditedStep[] {
  return policy.steps.map(({ targets, wait, ...rest }) => ({
    targets: targets.map(keyOf),
    wait: wait ?? '45s',
    rest,
  }));
}

export function stepsOf(edited: readonly EditedStep[]): Policy['steps'] {
  return edited.map(({ targets, wait, rest }) => ({
    ...rest,
    targets: targets.map(targetOf).filter((target) => target !== null),
    wait: wait.trim(),
  }));
}

/** The same with what stands at `from` one place further up or down. */
export function shifted<T>(list: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  const moved = [...list];
  const [one] = moved.splice(from, 1);
  if (one === undefined || to < 0 || to > moved.length) return [...list];
  moved.splice(to, 0, one);
  return moved;
}
