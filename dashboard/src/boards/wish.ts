// A board as its form describes it, and as the gateway takes it.

import type { NewDevice } from '../api/types';

export interface InputWish {
  /** Empty where nothing is wired to it. */
  role: string;
  zh: string;
  en: string;
  closed: boolean;
}

export interface BoardWish {
  id: string;
  zh: string;
  en: string;
  place: string;
  /** The last of its inputs is a supervised loop, and it measures its supply. */
  loop: boolean;
  inputs: InputWish[];
}

/** Nothing is wired to any of so many inputs. */
export function noInputs(count: number): InputWish[] {
  return Array.from({ length: count }, () => ({ role: '', zh: '', en: '', closed: false }));
}

/** Both names, the one for the other where only one was written; none where neither was. */
function nameOf(zh: string, en: string): { zh: string; en: string } | undefined {
  const [inZh, inEn] = [zh.trim() || en.trim(), en.trim() || zh.trim()];
  return inZh ? { zh: inZh, en: inEn } : undefined;
}

export function asDevice(wish: BoardWish): NewDevice {
  const inputs: Record<string, unknown> = {};
  wish.inputs.forEach(({ role, zh, en, closed }, index) => {
    const name = nameOf(zh, en);
    if (role) {
      inputs[String(index + 1)] = {
        role,
        ...(name && { name }),
        ...(closed && { normally_closed: true }),
      };
    }
  });
  const id = wish.id.trim();
  return {
    id,
    name: nameOf(wish.zh, wish.en) ?? { zh: id, en: id },
    place: wish.place,
    profile: wish.loop ? 'board-loop' : 'board',
    options: Object.keys(inputs).length > 0 ? { inputs } : {},
  };
}
