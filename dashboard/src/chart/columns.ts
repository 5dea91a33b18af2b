// Steps of the gateway's chart as columns for drawing. Where nothing is known there is a gap, never a line.

import type { ChartView } from '../api/types';

export type Column = (number | null)[];

export interface Columns {
  /** Seconds since 1970. */
  at: number[];
  min: Column;
  mean: Column;
  max: Column;
}

export function columnsOf(chart: ChartView): Columns {
  const columns: Columns = { at: [], min: [], mean: [], max: [] };
  let last: number | null = null;
  for (const step of chart.steps) {
    const at = Date.parse(step.at);
    // The end of what is known, and a place where there is nothing.
    if (last !== null && at - last > chart.step_ms * 1.5) add(columns, last + chart.step_ms, null);
    add(columns, at, step);
    last = at;
  }
  return columns;
}

type Values = { min: number; mean: number; max: number };

function add(columns: Columns, at: number, values: Values | null): void {
  columns.at.push(at / 1000);
  columns.min.push(values?.min ?? null);
  columns.mean.push(values?.mean ?? null);
  columns.max.push(values?.max ?? null);
}

/** The least, the mean and the greatest of all, and how many gaps there are; none where nothing is known. */
export function summaryOf(
  columns: Columns,
): { min: number; mean: number; max: number; gaps: number } | null {
  let [min, max, sum, count, gaps] = [Infinity, -Infinity, 0, 0, 0];
  columns.mean.forEach((mean, index) => {
    if (mean === null) {
      gaps += 1;
      return;
    }
    min = Math.min(min, columns.min[index] ?? mean);
    max = Math.max(max, columns.max[index] ?? mean);
    sum += mean;
    count += 1;
  });
  return count === 0 ? null : { min, mean: sum / count, max, gaps };
}
