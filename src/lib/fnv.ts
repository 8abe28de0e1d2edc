const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a, 32 bits, over UTF-16 units: a stable place for a text among its peers, never a secret. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string, offset = OFFSET): number {
  let hash = offset;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> 0;
}
