// What a device could be called by programs: its own name, with what an id can't hold made a dash.

export function suggestedId(name: string, fallback: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40);
  return id === '' ? `device-${fallback}` : id;
}
