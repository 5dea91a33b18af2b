// Brings a board's file to where it is wanted: into the browser's downloads, or, where the browser can,
// straight onto the drive that a board in its boot loader is.

import { RequestError, errorOf } from '../api/request';
import { sessionEnded } from '../api/session-end';

/** Reading an image and making a file of it may take a slow gateway a while. */
const LIMIT_MS = 30_000;

export interface FileWish {
  kind: string;
  brokers: string[];
}

interface Writable {
  write(data: Blob): Promise<void>;
  close(): Promise<void>;
}

/** A file that a person chose to be written. */
export interface Target {
  createWritable(): Promise<Writable>;
}

type Picker = (options: { suggestedName: string }) => Promise<Target>;

function picker(): Picker | null {
  const found: unknown = Reflect.get(window, 'showSaveFilePicker');
  return typeof found === 'function' ? (found.bind(window) as Picker) : null;
}

/** True where this browser can write onto a drive. */
export function canWrite(): boolean {
  return picker() !== null;
}

/** Asks the person where to; nothing where they thought better of it. */
export async function chooseTarget(name: string): Promise<Target | null> {
  try {
    return (await picker()?.({ suggestedName: name })) ?? null;
  } catch {
    return null;
  }
}

/**
 * Has the gateway make a board's file, with a new password in it.
 *
 * @throws RequestError as `request` does.
 */
export async function makeFile(id: string, wish: FileWish): Promise<Blob> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), LIMIT_MS);
  const path = `/api/v1/boards/${encodeURIComponent(id)}/image`;
  try {
    const response = await fetch(path, {
      method: 'POST',
      signal: abort.signal,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    if (response.status === 401) void sessionEnded(path);
    if (!response.ok) throw await errorOf(response);
    return await response.blob();
  } catch (error) {
    throw error instanceof RequestError ? error : new RequestError('unreachable', '');
  } finally {
    clearTimeout(limit);
  }
}

/** What a board's file is called. */
export function fileName(id: string): string {
  return `${id.replace(/[^\w.-]/g, '_')}.uf2`;
}

/** Puts a file into the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Writes a file where the person chose; false where the place went away meanwhile, as the drive of a board
 * does that has all of it and starts.
 */
export async function write(target: Target, file: Blob): Promise<boolean> {
  try {
    const stream = await target.createWritable();
    await stream.write(file);
    await stream.close();
    return true;
  } catch {
    return false;
  }
}
