// The language of the page: the phone's, until the reader picks the other one.

import type { Text } from './api/types';

export type Language = 'zh' | 'en';

const KEPT = 'gengfu.language';

/** Chinese where the phone's first known language is Chinese, English otherwise. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const lower = tag.toLowerCase();
    if (lower.startsWith('zh')) return 'zh';
    if (lower.startsWith('en')) return 'en';
  }
  return 'en';
}

function kept(): Language | null {
  try {
    const value = localStorage.getItem(KEPT);
    return value === 'zh' || value === 'en' ? value : null;
  } catch {
    return null; // private browsing, or storage switched off
  }
}

const current = $state<{ language: Language }>({
  language: typeof navigator === 'undefined' ? 'zh' : (kept() ?? preferred(navigator.languages)),
});

export function language(): Language {
  return current.language;
}

export function chooseLanguage(to: Language): void {
  current.language = to;
  try {
    localStorage.setItem(KEPT, to);
  } catch {
    // It then holds for this visit only.
  }
}

/** The words in `to`; in the other language where they are missing. */
export function inLanguage(text: Text, to: Language): string {
  return (to === 'zh' ? text.zh || text.en : text.en || text.zh) ?? '';
}

/** The words in the page's language, with `{name}` filled in. */
export function say(text: Text, values: Record<string, string | number> = {}): string {
  return fill(inLanguage(text, current.language), values);
}

export function fill(words: string, values: Record<string, string | number>): string {
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
