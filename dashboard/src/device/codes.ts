// What a fault code means, in the words of the rule that watches for it: with what the maker says to check.

import type { Condition, PointView, Rule, Text } from '../api/types';

/** The rule that says what this value of a point means; none for a value that no rule names. */
export function meaning(rules: readonly Rule[], point: PointView): Rule | null {
  const value: unknown = point.value;
  if (point.no_data !== null || value === null || typeof value === 'boolean') return null;
  const named = rules.filter((rule) => names(rule.when, point.id, value));
  // A rule that is about this very code says more than one that gathers several.
  return named.find((rule) => 'equals' in rule.when) ?? named[0] ?? null;
}

function names(when: Condition, point: string, value: unknown): boolean {
  if ('equals' in when) return when.equals.point === point && when.equals.value === value;
  if ('any' in when) return when.any.some((part) => names(part, point, value));
  return false;
}

const CHECK = [/^(.*?)。请检查：(.*)$/s, /^(.*?)\. Check: (.*)$/s];

/** What it is, and apart from that what to check, where the words say so. */
export function parted(words: string): { what: string; check: string } {
  for (const pattern of CHECK) {
    const found = pattern.exec(words);
    if (found) return { what: found[1] ?? words, check: found[2] ?? '' };
  }
  return { what: words, check: '' };
}

/** Codes of a device that mean something now: the point, its number, and the words for it. */
export function standingCodes(
  rules: readonly Rule[],
  points: readonly PointView[],
): { point: PointView; words: Text }[] {
  return points.flatMap((point) => {
    const rule = meaning(rules, point);
    return rule ? [{ point, words: rule.name }] : [];
  });
}
