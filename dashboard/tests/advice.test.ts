import { describe, expect, it } from 'vitest';
import { editedNote, noteOf, stepsOf } from '../src/advice/edit';
import type { IncidentView, PlaceNote } from '../src/api/types';
import { adviceOf } from '../src/incident/advice';

const both = (words: string): { zh: string; en: string } => ({ zh: `${words}。`, en: words });

const incident = (rest: Partial<IncidentView>): IncidentView =>
  ({ phase: 'calling', ...rest }) as IncidentView;

describe('advice on the page of an incident', () => {
  const flats = [{ flat: '1101', help: both('Wheelchair'), place_name: both('Building 3') }];

  it('is there until it is over', () => {
    const card = [both('Call 119')];
    expect(adviceOf(incident({ card, flats, things: [] }))).toEqual({
      steps: card,
      flats,
      things: [],
    });
    const over = adviceOf(incident({ phase: 'ended', card, flats, things: [] }));
    expect(over).toEqual({ steps: [], flats: [], things: [] });
  });

  it('is nothing in a view that an older page kept', () => {
    expect(adviceOf(incident({}))).toEqual({ steps: [], flats: [], things: [] });
  });
});

describe('advice while it is written', () => {
  it('drops lines that were left empty, and keeps those that are half written', () => {
    expect(stepsOf([{ zh: ' 走楼梯 ', en: '' }, both('x'), { zh: ' ', en: '' }])).toEqual([
      { zh: '走楼梯', en: '' },
      both('x'),
    ]);
    const note = noteOf({
      things: [
        { what: both('Key'), kept_at: { zh: '', en: '' }, holder: '' },
        { what: { zh: '', en: ' ' }, kept_at: { zh: '', en: '' }, holder: 'li' },
      ],
      flats: [
        { flat: ' 1101 ', help: both('Wheelchair') },
        { flat: ' ', help: { zh: '', en: '' } },
        { flat: '', help: both('does not hear') },
      ],
    });
    expect(note).toEqual({
      things: [{ what: both('Key'), kept_at: { zh: '', en: '' } }],
      flats: [
        { flat: '1101', help: both('Wheelchair') },
        { flat: '', help: both('does not hear') },
      ],
    });
  });

  it('brings back whole what the gateway has', () => {
    const note: PlaceNote = {
      things: [{ what: both('Key'), kept_at: both('Lodge'), holder: 'li' }],
      flats: [{ flat: '1101', help: both('Wheelchair') }],
    };
    expect(noteOf(editedNote(note))).toEqual(note);
    const one = editedNote({ things: [{ what: { en: 'Key' }, kept_at: {} }] });
    expect(one.things[0]).toEqual({
      what: { zh: '', en: 'Key' },
      kept_at: { zh: '', en: '' },
      holder: '',
    });
    expect(one.flats).toEqual([]);
  });
});
