// What a page's own thread does, out of a trace that Chromium itself records: how far its frames are apart,
// how long its tasks are, and how much of them is script, layout and paint.

import { gzipSync } from 'node:zlib';

const CATEGORIES = ['devtools.timeline', 'toplevel', 'blink.user_timing', '__metadata'];
/** What the page is told to note when that which was measured is over: ending a trace takes its thread's time too. */
const OVER = 'over';
/** A screen of 60 Hz. */
const FRAME_MS = 1000 / 60;
const SCRIPT = new Set(['FunctionCall', 'EvaluateScript', 'TimerFire', 'EventDispatch', 'FireAnimationFrame', 'RunMicrotasks', 'MinorGC', 'MajorGC']);
const LAYOUT = new Set(['UpdateLayoutTree', 'Layout', 'HitTest']);
const PAINT = new Set(['PrePaint', 'Paint', 'Layerize', 'Commit', 'CompositeLayers']);
/** What a kept trace has of an event; the rest is names of internals. */
const KEPT = ['name', 'ph', 'ts', 'dur', 'tts', 'tdur', 'pid', 'tid'];

/** Asks for every frame, so that the trace has one mark for each that the page's thread could draw. */
export function everyFrame(page) {
  return page.evaluate(() => {
    const each = () => requestAnimationFrame(each);
    requestAnimationFrame(each);
  });
}

/** Records while `act` goes on; its events, of the page's own thread alone. */
export async function record(session, act) {
  const events = [];
  const hear = ({ value }) => events.push(...value);
  session.on('Tracing.dataCollected', hear);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { recordMode: 'recordContinuously', includedCategories: CATEGORIES },
  });
  await act();
  await session.send('Runtime.evaluate', { expression: `performance.mark('${OVER}')` });
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', hear);
  return ofThePage(events);
}

/** The thread that fired most animation frames is the page's. */
function ofThePage(events) {
  const fired = new Map();
  for (const { name, pid, tid } of events) {
    if (name === 'FireAnimationFrame') fired.set(`${pid} ${tid}`, (fired.get(`${pid} ${tid}`) ?? 0) + 1);
  }
  const [[mine] = ['']] = [...fired].sort((a, b) => b[1] - a[1]);
  const end = events.find(({ name }) => name === OVER)?.ts;
  if (end === undefined) throw new Error('the trace does not say when it was over');
  return events
    .filter(({ pid, tid, ph, ts }) => `${pid} ${tid}` === mine && ph === 'X' && ts < end)
    .sort((a, b) => a.ts - b.ts);
}

/** The figures of a trace, in milliseconds. `thread` times are what the thread worked, not what it waited. */
export function figures(events) {
  const frames = events.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts / 1000);
  const apart = frames.slice(1).map((at, n) => at - frames[n]);
  const tasks = events.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  const span = frames.length > 1 ? frames.at(-1) - frames[0] : 0;
  return {
    seconds: round(span / 1000),
    frames: frames.length,
    frame_ms: { p50: at(apart, 0.5), p99: at(apart, 0.99), longest: at(apart, 1) },
    dropped: apart.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / FRAME_MS) - 1), 0),
    thread_ms: {
      script: worked(events, SCRIPT),
      layout: worked(events, LAYOUT),
      paint: worked(events, PAINT),
    },
    longest_task_thread_ms: at(tasks.map(workOf), 1),
  };
}

/** The same trace in the form that browsers open, small. */
export function packed(events) {
  const from = events[0]?.ts ?? 0;
  const kept = events
    .filter(({ name, dur }) => SCRIPT.has(name) || LAYOUT.has(name) || PAINT.has(name) || dur > 1000)
    .map((event) => Object.fromEntries(KEPT.map((key) => [key, event[key]])))
    .map((event) => ({ ...event, ts: event.ts - from, cat: 'devtools.timeline' }));
  return gzipSync(JSON.stringify({ traceEvents: kept }), { level: 9 });
}

const workOf = ({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000;

/** What the outermost events of these names took; what lies within one of them is counted with it. */
function worked(events, names) {
  let until = 0;
  let sum = 0;
  for (const event of events) {
    if (!names.has(event.name) || event.ts < until) continue;
    until = event.ts + (event.dur ?? 0);
    sum += workOf(event);
  }
  return round(sum);
}

function at(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

const round = (value) => Math.round(value * 10) / 10;
