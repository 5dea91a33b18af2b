// The drawing itself: uPlot with this site's colours, words and clock.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Columns } from './columns';

export interface PlotOptions {
  into: HTMLElement;
  /** How high it is at a width. */
  heightOf: (width: number) => number;
  unit: string;
  zone: string;
  /** Only on and off: drawn in steps. */
  stepped: boolean;
  /** Somebody chose a stretch, in milliseconds. */
  chose: (from: number, to: number) => void;
}

export interface Plot {
  /** What is drawn, over this stretch in milliseconds. */
  show(columns: Columns, from: number, to: number): void;
  destroy(): void;
}

const LEAST_WIDTH = 60;
/** The line, its tick and the space between them and the words. */
const BESIDE = 20;

/** How wide an axis is for its longest label: a number whose sign is cut off is another number. */
function widthOf(labels: readonly string[], font: string): number {
  const pen = document.createElement('canvas').getContext('2d');
  if (!pen) return LEAST_WIDTH;
  pen.font = font;
  const longest = Math.max(0, ...labels.map((label) => pen.measureText(label).width));
  return Math.max(LEAST_WIDTH, Math.ceil(longest) + BESIDE);
}

export function plot(options: PlotOptions): Plot {
  const { into, heightOf, unit, zone, stepped } = options;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const letters = '13px system-ui, sans-serif';
  const axis: uPlot.Axis = {
    stroke: colour('--ink-soft'),
    font: letters,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  };
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const second = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    minute: '2-digit',
    second: '2-digit',
  });
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    month: '2-digit',
    day: '2-digit',
  });
  const month = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
  });
  const time = (at: number, step: number): string => {
    const when = new Date(at * 1000);
    if (step >= 28 * 86_400) return month.format(when);
    if (step >= 86_400) return day.format(when);
    if (step < 60) return second.format(when);
    const words = clock.format(when);
    return words === '00:00' ? day.format(when) : words;
  };
  const paths = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const edge: uPlot.Series = {
    stroke: 'transparent',
    points: { show: false },
    ...(paths && { paths }),
  };
  const made = new uPlot(
    {
      width: into.clientWidth,
      height: heightOf(into.clientWidth),
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
      scales: { x: { time: true }, y: stepped ? { range: [-0.1, 1.1] } : {} },
      axes: [
        { ...axis, values: (_, splits, __, ___, step) => splits.map((at) => time(at, step)) },
        {
          ...axis,
          size: (_, values) => widthOf(values ?? [], letters),
          ...(stepped && { splits: () => [0, 1] }),
          values: (_, splits) => splits.map((value) => (unit ? `${value} ${unit}` : String(value))),
        },
      ],
      series: [
        {},
        edge,
        {
          stroke: colour('--focus'),
          width: 1.5,
          points: { show: false },
          ...(paths && { paths }),
        },
        edge,
      ],
      bands: [{ series: [3, 1], fill: `${colour('--focus')}33` }],
      hooks: {
        setSelect: [
          (self) => {
            if (self.select.width < 6) return;
            const at = (x: number): number => self.posToVal(x, 'x') * 1000;
            options.chose(at(self.select.left), at(self.select.left + self.select.width));
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[], [], [], []],
    into,
  );
  const size = new ResizeObserver(() =>
    made.setSize({ width: into.clientWidth, height: heightOf(into.clientWidth) }),
  );
  size.observe(into);
  return {
    show(columns, from, to) {
      made.batch(() => {
        made.setData([columns.at, columns.min, columns.mean, columns.max], false);
        made.setScale('x', { min: from / 1000, max: to / 1000 });
      });
    },
    destroy() {
      size.disconnect();
      made.destroy();
    },
  };
}
