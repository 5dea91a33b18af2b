import { describe, expect, it } from 'vitest';
import { unchanged } from '../src/api/unchanged';

describe('what a form saves as a whole', () => {
  it('is saved only where nobody has changed it since the form was opened', async () => {
    const before = { name: 'Wang', roles: ['volunteer'] };
    await expect(unchanged(before, async () => structuredClone(before))).resolves.toBeUndefined();
    for (const now of [{ ...before, name: 'Wang Min' }, undefined]) {
      await expect(unchanged(before, async () => now)).rejects.toMatchObject({
        trouble: 'conflict',
        code: 'changed_meanwhile',
      });
    }
  });
});
