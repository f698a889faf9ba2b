export {
  type ActAssertion,
  type AssertionFault,
  actChallenge,
  type ConfirmedAct,
  judgeActAssertion,
  keyThumbprint,
} from './act-assertion.ts';
export { canonicalBytes } from './canonical-json.ts';
export { commitTo, type Disclosure } from './commitment.ts';
export { leafHash, MAX_ENTRY_BYTES, sha256 } from './leaf-hash.ts';
