// Cards and what is noted of a place while they are being changed: no text is missing, lines that
// were left empty are dropped. Pure.

import type { PlaceNote, Text } from '../api/types';

export interface EditedText {
  zh: string;
  en: string;
}

export interface EditedNote {
  things: { what: EditedText; kept_at: EditedText; holder: string }[];
  flats: { flat: string; help: EditedText }[];
}

/** As the gateway has them. */
export const MOST_STEPS = 6;
export const LONGEST_STEP = 120;
export const LONGEST_NAME = 60;
export const LONGEST_WHERE = 120;
export const LONGEST_FLAT = 30;
export const MOST_THINGS = 20;
export const MOST_FLATS = 60;

export const emptyText = (): EditedText => ({ zh: '', en: '' });

export function editedText(text: Text): EditedText {
  return { zh: text.zh ?? '', en: text.en ?? '' };
}

const trimmed = ({ zh, en }: EditedText): EditedText => ({ zh: zh.trim(), en: en.trim() });
const isEmpty = ({ zh, en }: EditedText): boolean => zh.trim() === '' && en.trim() === '';

export function stepsOf(steps: readonly EditedText[]): EditedText[] {
  return steps.filter((step) => !isEmpty(step)).map(trimmed);
}

export function editedNote(note: PlaceNote): EditedNote {
  return {
    things: (note.things ?? []).map(({ what, kept_at, holder }) => ({
      what: editedText(what),
      kept_at: editedText(kept_at),
      holder: holder ?? '',
    })),
    flats: (note.flats ?? []).map(({ flat, help }) => ({ flat, help: editedText(help) })),
  };
}

/** What half of is written is sent: the gateway says what is missing. */
export function noteOf(edited: EditedNote): PlaceNote {
  return {
    things: edited.things
      .filter(({ what, kept_at }) => !isEmpty(what) || !isEmpty(kept_at))
      .map(({ what, kept_at, holder }) => ({
        what: trimmed(what),
        kept_at: trimmed(kept_at),
        ...(holder && { holder }),
      })),
    flats: edited.flats
      .filter(({ flat, help }) => flat.trim() !== '' || !isEmpty(help))
      .map(({ flat, help }) => ({ flat: flat.trim(), help: trimmed(help) })),
  };
}
