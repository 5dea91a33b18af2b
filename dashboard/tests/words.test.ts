import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill, inLanguage, preferred } from '../src/language.svelte';
import { advice } from '../src/words/advice';
import { audit } from '../src/words/audit';
import { boards } from '../src/words/boards';
import { channels } from '../src/words/channels';
import { chart } from '../src/words/chart';
import { common } from '../src/words/common';
import { device } from '../src/words/device';
import { figures } from '../src/words/figures';
import { found } from '../src/words/found';
import { home } from '../src/words/home';
import { incident } from '../src/words/incident';
import { labels } from '../src/words/labels';
import { modbus } from '../src/words/modbus';
import { muster } from '../src/words/muster';
import { outputs } from '../src/words/outputs';
import { overview } from '../src/words/overview';
import { people } from '../src/words/people';
import { pictures } from '../src/words/pictures';
import { policies } from '../src/words/policies';
import { records } from '../src/words/records';
import { rosters } from '../src/words/rosters';
import { shelf } from '../src/words/shelf';
import { upkeep } from '../src/words/upkeep';
import { ways } from '../src/words/ways';
import { why } from '../src/words/why';

type Words = Record<string, { zh?: string; en?: string }>;
const HAN = /\p{Script=Han}/u;
/** Words that name the other language or a thing that has one name, and a comma. */
const SAME_ANYWHERE = new Set(['switch_language', 'channel_ntfy', 'list_and', 'alarm_raised']);

/** Everything that is wrong with a dictionary. */
function faults(words: Words): string[] {
  const found: string[] = [];
  for (const [key, { zh, en }] of Object.entries(words)) {
    if (!zh?.trim()) found.push(`${key}: no Chinese`);
    if (!en?.trim()) found.push(`${key}: no English`);
    if (!zh || !en) continue;
    const blanks = (text: string): string => (text.match(/\{\w+\}/g) ?? []).sort().join();
    if (blanks(zh) !== blanks(en))
      found.push(`${key}: other blanks in zh (${blanks(zh)}) than in en (${blanks(en)})`);
    if (SAME_ANYWHERE.has(key)) continue;
    if (!HAN.test(zh)) found.push(`${key}: the Chinese has no Chinese in it`);
    if (HAN.test(en)) found.push(`${key}: the English has Chinese in it`);
  }
  return found;
}

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte)$/.test(name) && !name.startsWith('words'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe('words', () => {
  const dictionaries: [string, Words][] = [
    ['advice', advice],
    ['audit', audit],
    ['boards', boards],
    ['channels', channels],
    ['chart', chart],
    ['common', common],
    ['device', device],
    ['incident', incident],
    ['figures', figures],
    ['found', found],
    ['home', home],
    ['labels', labels],
    ['modbus', modbus],
    ['muster', muster],
    ['outputs', outputs],
    ['overview', overview],
    ['people', people],
    ['pictures', pictures],
    ['policies', policies],
    ['records', records],
    ['rosters', rosters],
    ['shelf', shelf],
    ['upkeep', upkeep],
    ['ways', ways],
    ['why', why],
  ];

  it.each(dictionaries)('%s says everything in both languages', (_name, words) => {
    expect(Object.keys(words).length).toBeGreaterThan(10);
    expect(faults(words)).toEqual([]);
  });

  it('a missing, an untranslated and a differently blanked text are found', () => {
    const broken: Words = {
      a: { zh: '好' },
      b: { zh: '', en: 'good' },
      c: { zh: 'good', en: 'good' },
      d: { zh: '好', en: '好' },
      e: { zh: '{name} 好', en: '{nmae} is well' },
    };
    expect(faults(broken).map((fault) => fault[0])).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('no words are left over that no page says', () => {
    const code = sources(join(import.meta.dirname, '../src'));
    const said = new Set(
      [
        ...code.matchAll(
          /\b(?:words|whyWords|homeWords|incidentWords|musterWords|wayWords|outputWords|common)\.(\w+)/g,
        ),
        // The buttons are looked up by what they offer.
        ...code.matchAll(/'(\w+)'/g),
      ].map((match) => match[1]),
    );
    const unused = dictionaries.flatMap(([name, words]) =>
      Object.keys(words)
        .filter((key) => !said.has(key))
        .map((key) => `${name}.${key}`),
    );
    expect(unused).toEqual([]);
    // Every word is looked for in every source: seconds on a machine that has other work.
  }, 30_000);
});

describe('language', () => {
  it("is the phone's first known one, and English where it knows neither", () => {
    expect(preferred(['zh-CN', 'en'])).toBe('zh');
    expect(preferred(['zh-Hant-TW'])).toBe('zh');
    expect(preferred(['en-GB', 'zh'])).toBe('en');
    expect(preferred(['fr', 'zh-CN', 'en'])).toBe('zh');
    expect(preferred(['fr'])).toBe('en');
    expect(preferred([])).toBe('en');
  });

  it('shows the other language rather than nothing', () => {
    expect(inLanguage({ zh: '电梯', en: 'Lift' }, 'en')).toBe('Lift');
    expect(inLanguage({ zh: '电梯' }, 'en')).toBe('电梯');
    expect(inLanguage({ zh: '', en: 'Lift' }, 'zh')).toBe('Lift');
  });

  it('fills blanks and leaves unknown ones visible', () => {
    expect(fill('{name} 说「我去」', { name: '王' })).toBe('王 说「我去」');
    expect(fill('{a} {b}', { a: 0 })).toBe('0 {b}');
  });
});
