import { expect, test } from 'vitest';
import { decodeEntry } from './decode-entry.ts';

test('decodes UTF-8 JSON and indents it', () => {
  const entry = Buffer.from('{"event":"operation.committed","name":"Zoë"}').toString('base64');
  expect(decodeEntry(entry)).toBe('{\n  "event": "operation.committed",\n  "name": "Zoë"\n}');
});

test.each(['***', Buffer.from('not JSON').toString('base64'), '/w=='])('refuses %j', (entry) => {
  expect(decodeEntry(entry)).toBeNull();
});
