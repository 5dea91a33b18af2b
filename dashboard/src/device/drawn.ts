// Which points have a history that can be drawn: numbers, and what is on or off.

import type { PointView } from '../api/types';

export function isDrawn(point: PointView): boolean {
  const value: unknown = point.value;
  return typeof value !== 'string';
}
